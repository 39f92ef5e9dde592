namespace Anneal.Onnx.Ops;

/// <summary>The family of poolings: x [N,C,…] to y [N,C,…] with fewer cells.</summary>
internal static class Pooling
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new AveragePool(), [1, 7, 10, 11, 19, 22], 1, 1),
        new(new GlobalAveragePool(), [1, 22], 1, 1),
        new(new GlobalLpPool(), [1, 2, 22], 1, 1),
        new(new GlobalMaxPool(), [1, 22], 1, 1),
        new(new LpPool(), [1, 2, 11, 18, 22], 1, 1),
        new(new MaxPool(), [1, 8, 10, 11, 12, 22], 1, 1, 2),
        new(new MaxUnpool(), [9, 11, 22], 2, 3),
    ];

    /// <summary>The output's shape; null when the rank of x is not known.</summary>
    public static Shape? Slide(Inference facts, Window window, bool ceil)
    {
        // The kernel's size tells the rank where x does not.
        var x = facts.Shape(0) ?? new([.. Enumerable.Repeat(Dim.Unknown, (window.KernelShape?.Count ?? 0) + 2)]);
        RequireSpace(facts, x);
        return new([x[0], x[1], .. window.Slide(facts, [.. x.Skip(2)], ceil: ceil)]);
    }

    /// <summary>The output's shape when each channel becomes one cell.</summary>
    public static Shape? Global(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
            return null;
        if (x.Rank < 2)
            throw facts.Refuse("x [N,C,…] needs at least 2 axes");
        return new([x[0], x[1], .. Enumerable.Repeat(Dim.Of(1), x.Rank - 2)]);
    }

    /// <summary>Each element of the output looks at a window; cells beyond the edge count like others.</summary>
    public static Cost Count(CostFacts facts, Window window) =>
        facts.ForEachOutput(window.KernelShape?.Aggregate(1d, (product, extent) => product * extent) ?? 1);

    private static void RequireSpace(Inference facts, Shape x)
    {
        if (x.Rank < 3)
            throw facts.Refuse("x [N,C,…] needs at least 3 axes");
    }
}

/// <summary>The mean of each window (ONNX operator <c>AveragePool</c>).</summary>
public sealed record AveragePool : Op
{
    /// <summary>The window.</summary>
    public Window Window { get; init; } = new();

    /// <summary>Whether windows that hang over the end count.</summary>
    public bool CeilMode { get; init; }

    /// <summary>Whether padding cells count as zeros in the mean.</summary>
    public bool CountIncludePad { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Window = Window.ThroughPooling(attributes),
        CeilMode = attributes.Flag("ceil_mode", CeilMode, false),
        CountIncludePad = attributes.Flag("count_include_pad", CountIncludePad, false),
    };

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Pooling.Slide(facts, Window, CeilMode));

    internal override Cost Count(CostFacts facts) => Pooling.Count(facts, Window);
}

/// <summary>The mean of each channel (ONNX operator <c>GlobalAveragePool</c>).</summary>
public sealed record GlobalAveragePool : Op
{
    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Pooling.Global(facts));

    internal override Cost Count(CostFacts facts) => facts.ForEachInput();
}

/// <summary>The p-norm of each channel (ONNX operator <c>GlobalLpPool</c>).</summary>
public sealed record GlobalLpPool : Op
{
    /// <summary>p: 2 is the Euclidean norm.</summary>
    public long P { get; init; } = 2;

    private protected override Op Through(AttributeVisitor attributes) => this with { P = attributes.Int("p", P, 2) };

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Pooling.Global(facts));

    internal override Cost Count(CostFacts facts) => facts.ForEachInput();
}

/// <summary>The greatest element of each channel (ONNX operator <c>GlobalMaxPool</c>).</summary>
public sealed record GlobalMaxPool : Op
{
    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Pooling.Global(facts));

    internal override Cost Count(CostFacts facts) => facts.ForEachInput();
}

/// <summary>The p-norm of each window (ONNX operator <c>LpPool</c>).</summary>
public sealed record LpPool : Op
{
    /// <summary>The window.</summary>
    public Window Window { get; init; } = new();

    /// <summary>Whether windows that hang over the end count.</summary>
    public bool CeilMode { get; init; }

    /// <summary>p: 2 is the Euclidean norm.</summary>
    public long P { get; init; } = 2;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Window = Window.ThroughPooling(attributes),
        CeilMode = attributes.Flag("ceil_mode", CeilMode, false),
        P = attributes.Int("p", P, 2),
    };

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Pooling.Slide(facts, Window, CeilMode));

    internal override Cost Count(CostFacts facts) => Pooling.Count(facts, Window);
}

/// <summary>
/// The greatest element of each window (ONNX operator <c>MaxPool</c>). A second output, int64 of the same shape, gives its place in the whole of x.
/// </summary>
public sealed record MaxPool : Op
{
    /// <summary>The window.</summary>
    public Window Window { get; init; } = new();

    /// <summary>Whether windows that hang over the end count.</summary>
    public bool CeilMode { get; init; }

    /// <summary>How places are counted: 0 with the last axis running fastest, 1 with the first space axis.</summary>
    public long StorageOrder { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Window = Window.ThroughPooling(attributes),
        CeilMode = attributes.Flag("ceil_mode", CeilMode, false),
        StorageOrder = attributes.Int("storage_order", StorageOrder, 0),
    };

    internal override void Infer(Inference facts)
    {
        var y = Pooling.Slide(facts, Window, CeilMode);
        facts.Output(0, facts.DType(0), y);
        facts.Output(1, DType.Int64, y);
    }

    internal override Cost Count(CostFacts facts) => Pooling.Count(facts, Window);
}

/// <summary>
/// Puts the elements that <see cref="MaxPool"/> chose back to their places, zeros elsewhere (ONNX operator <c>MaxUnpool</c>). Inputs: x, places, and
/// the whole output shape as int64 [rank], which may be left out.
/// </summary>
public sealed record MaxUnpool : Op
{
    /// <summary>The kernel's extent along each space axis; required.</summary>
    public AttributeList<long> KernelShape { get; init; } = [];

    /// <summary>Steps along each axis; null means 1.</summary>
    public AttributeList<long>? Strides { get; init; }

    /// <summary>Cells taken off before each axis, then those after each axis; null means none.</summary>
    public AttributeList<long>? Pads { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        KernelShape = attributes.RequiredInts("kernel_shape", KernelShape),
        Strides = attributes.Ints("strides", Strides),
        Pads = attributes.Ints("pads", Pads),
    };

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), facts.Has(2) ? Stated(facts) : Spread(facts));

    private Shape Stated(Inference facts)
    {
        var rank = KernelShape.Count + 2;
        if (facts.Input(2).Elements is not { } extents)
            return new([.. Enumerable.Repeat(Dim.Unknown, rank)]);
        return extents.Count == rank ? new([.. extents]) : throw facts.Refuse($"the output shape should have {rank} numbers");
    }

    private Shape? Spread(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
            return null;
        new Window { KernelShape = KernelShape, Strides = Strides, Pads = Pads }.RequireFit(facts, x.Rank - 2);
        var axes = x.Rank - 2;
        return new([x[0], x[1], .. x.Skip(2).Select((extent, axis) =>
        {
            var stride = Strides?[axis] ?? 1;
            return Extent.Add(Extent.Multiply(extent, stride), Extent.Fitting((Int128)KernelShape[axis] - stride - (Pads?[axis] ?? 0) - (Pads?[axis + axes] ?? 0)));
        })]);
    }
}
