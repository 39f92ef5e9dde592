namespace Anneal.Onnx.Ops;

/// <summary>The family of operators on boxes in a picture.</summary>
internal static class Regions
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new MaxRoiPool(), [1, 22], 2, 2),
        new(new RoiAlign(), [10, 16, 22], 3, 3),
    ];

    /// <summary>A small picture for each region.</summary>
    public static void Pool(Inference facts, long numbers, Dim height, Dim width)
    {
        if (facts.Rank(0) is not (null or 4) || facts.Rank(1) is not (null or 2) || (facts.Shape(1) is { } list && list[1].IsKnown && list[1].Value != numbers))
            throw facts.Refuse($"x should be [N,C,H,W], and the regions [count,{numbers}]");
        facts.Output(0, facts.DType(0), new(facts.Shape(1)?[0] ?? Dim.Unknown, facts.Shape(0)?[1] ?? Dim.Unknown, height, width));
    }
}

/// <summary>The greatest number of each cell of each region: x [N,C,H,W] and regions [count,5], picture and corners, to [count,C,h,w] (ONNX operator <c>MaxRoiPool</c>).</summary>
public sealed record MaxRoiPool : Op
{
    /// <summary>The cells of a region: h and w.</summary>
    public AttributeList<long> PooledShape { get; init; } = [1, 1];

    /// <summary>What corners are multiplied by to be places in x.</summary>
    public float SpatialScale { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        PooledShape = attributes.RequiredInts("pooled_shape", PooledShape),
        SpatialScale = attributes.Float("spatial_scale", SpatialScale, 1),
    };

    internal override Cost Count(CostFacts facts) => Cost.Unknown;

    internal override void Infer(Inference facts)
    {
        if (PooledShape.Count != 2 || PooledShape.Any(cells => cells < 1))
            throw facts.Refuse("pooled_shape should be two numbers, height and width");
        Regions.Pool(facts, 5, PooledShape[0], PooledShape[1]);
    }
}

/// <summary>
/// Cells of regions, each the mean or greatest of samples between the elements: x [N,C,H,W], corners [count,4] and their pictures [count] to
/// [count,C,height,width] (ONNX operator <c>RoiAlign</c>).
/// </summary>
public sealed record RoiAlign : Op
{
    /// <summary><c>half_pixel</c>: places are moved by half an element; <c>output_half_pixel</c>: they are not.</summary>
    public string CoordinateTransformationMode { get; init; } = "half_pixel";

    /// <summary><c>avg</c> or <c>max</c>.</summary>
    public string Mode { get; init; } = "avg";

    /// <summary>The cells of a region from top to bottom.</summary>
    public long OutputHeight { get; init; } = 1;

    /// <summary>The cells of a region from left to right.</summary>
    public long OutputWidth { get; init; } = 1;

    /// <summary>The samples of a cell along each axis; 0 for as many as it is wide.</summary>
    public long SamplingRatio { get; init; }

    /// <summary>What corners are multiplied by to be places in x.</summary>
    public float SpatialScale { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        CoordinateTransformationMode = attributes.Text("coordinate_transformation_mode", CoordinateTransformationMode, "half_pixel"),
        Mode = attributes.Text("mode", Mode, "avg"),
        OutputHeight = attributes.Int("output_height", OutputHeight, 1),
        OutputWidth = attributes.Int("output_width", OutputWidth, 1),
        SamplingRatio = attributes.Int("sampling_ratio", SamplingRatio, 0),
        SpatialScale = attributes.Float("spatial_scale", SpatialScale, 1),
    };

    internal override Cost Count(CostFacts facts) => Cost.Unknown;

    internal override void Infer(Inference facts)
    {
        if (CoordinateTransformationMode is not ("half_pixel" or "output_half_pixel"))
            throw facts.Refuse($"coordinate_transformation_mode '{CoordinateTransformationMode}' is neither half_pixel nor output_half_pixel");
        if (Mode is not ("avg" or "max"))
            throw facts.Refuse($"mode '{Mode}' is neither avg nor max");
        if (OutputHeight < 1 || OutputWidth < 1)
            throw facts.Refuse($"a region needs cells, and output_height and output_width are {OutputHeight} and {OutputWidth}");
        Regions.Pool(facts, 4, OutputHeight, OutputWidth);
    }
}
