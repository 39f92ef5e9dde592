namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that resample along axes.</summary>
internal static class Resizing
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Resize(), [10, 11, 13, 18, 19], 1, 4),
        new(new Upsample(), [7, 9], 2, 2),
        new(new AffineGrid(), [20], 2, 2),
        new(new GridSample(), [16, 20, 22], 2, 2),
    ];

    /// <summary>The axes of a shape scaled by factors, fractions dropped.</summary>
    public static Shape Scaled(Inference facts, Shape x, int[] axes, IReadOnlyList<float> factors)
    {
        if (factors.Count != axes.Length)
            throw facts.Refuse($"there are {factors.Count} scales for {axes.Length} axes");
        Dim[] dims = [.. x];
        for (var i = 0; i < axes.Length; i++)
            dims[axes[i]] = Scaled(facts, dims[axes[i]], factors[i]);
        return new(dims);
    }

    /// <summary>Each element of the output weighs two taps (linear) or four (cubic) along each axis that changes; a filter that widens, more.</summary>
    public static Cost Count(CostFacts facts, string mode, bool antialias)
    {
        if (mode == "nearest")
            return Cost.None;
        if (facts.Shape(0) is not { } x || facts.OutputShape(0) is not { } y)
            return Cost.Unknown;
        double? taps = 1;
        for (var axis = 0; axis < x.Rank; axis++)
            if (x[axis] != y[axis])
                taps *= (mode == "linear" ? 2 : 4) * (antialias ? Widened(x[axis], y[axis]) : 1);
        return new(taps * facts.OutputElements(), 0);
    }

    private static double? Widened(Dim from, Dim to) => from.IsKnown && to is { IsKnown: true, Value: > 0 } ? Math.Max(1, (double)from.Value / to.Value) : null;

    private static Dim Scaled(Inference facts, Dim extent, float factor)
    {
        if (!(factor > 0))
            throw facts.Refuse($"scale {factor} is not positive");
        if (factor == 1 || !extent.IsKnown)
            return factor == 1 ? extent : Dim.Unknown;
        // Engines round the product to a float first and may then drop another fraction: certain is only what both ways agree on.
        var (exact, rounded) = (Math.Floor((double)extent.Value * factor), Math.Floor((double)((float)extent.Value * factor)));
        return exact.Equals(rounded) && exact < 1L << 53 ? (long)exact : Dim.Unknown;
    }
}

/// <summary>
/// x resampled along some axes, for instance the last two of [N,C,H,W]. The inputs after x are the region of interest, the scales and the sizes;
/// either scales or sizes are given (ONNX operator <c>Resize</c>).
/// </summary>
public sealed record Resize : Op
{
    /// <summary>Whether the filter widens when shrinking, so that every input element counts; for linear and cubic.</summary>
    public bool Antialias { get; init; }

    /// <summary>The axes that scales and sizes belong to; null means all.</summary>
    public AttributeList<long>? Axes { get; init; }

    /// <summary>How places in the result map to places in x: <c>half_pixel</c>, <c>half_pixel_symmetric</c>, <c>pytorch_half_pixel</c>, <c>align_corners</c>, <c>asymmetric</c>, <c>tf_crop_and_resize</c>.</summary>
    public string CoordinateTransformationMode { get; init; } = "half_pixel";

    /// <summary>The parameter a of the cubic filter; used by <c>cubic</c> alone.</summary>
    public float CubicCoeffA { get; init; } = -0.75f;

    /// <summary>Whether taps outside x weigh nothing and the others sum up to 1.</summary>
    public bool ExcludeOutside { get; init; }

    /// <summary>What lies outside x; used by <c>tf_crop_and_resize</c> alone.</summary>
    public float ExtrapolationValue { get; init; }

    /// <summary>Whether sizes are taken as they are (<c>stretch</c>), or as bounds with all axes scaled alike (<c>not_larger</c>, <c>not_smaller</c>).</summary>
    public string KeepAspectRatioPolicy { get; init; } = "stretch";

    /// <summary><c>nearest</c>, <c>linear</c> or <c>cubic</c>.</summary>
    public string Mode { get; init; } = "nearest";

    /// <summary>Which element is the nearest: <c>round_prefer_floor</c>, <c>round_prefer_ceil</c>, <c>floor</c> or <c>ceil</c>.</summary>
    public string NearestMode { get; init; } = "round_prefer_floor";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Antialias = attributes.Flag("antialias", Antialias, false),
        Axes = attributes.Ints("axes", Axes),
        CoordinateTransformationMode = attributes.Text("coordinate_transformation_mode", CoordinateTransformationMode, "half_pixel"),
        CubicCoeffA = attributes.Float("cubic_coeff_a", CubicCoeffA, -0.75f),
        ExcludeOutside = attributes.Flag("exclude_outside", ExcludeOutside, false),
        ExtrapolationValue = attributes.Float("extrapolation_value", ExtrapolationValue, 0),
        KeepAspectRatioPolicy = attributes.Text("keep_aspect_ratio_policy", KeepAspectRatioPolicy, "stretch"),
        Mode = attributes.Text("mode", Mode, "nearest"),
        NearestMode = attributes.Text("nearest_mode", NearestMode, "round_prefer_floor"),
    };

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("nearest" or "linear" or "cubic"))
            throw facts.Refuse($"mode '{Mode}' is none of nearest, linear, cubic");
        if (KeepAspectRatioPolicy is not ("stretch" or "not_larger" or "not_smaller"))
            throw facts.Refuse($"keep_aspect_ratio_policy '{KeepAspectRatioPolicy}' is none of stretch, not_larger, not_smaller");
        var (scales, sizes) = (IsGiven(facts, 2), IsGiven(facts, 3));
        if (scales == sizes)
            throw facts.Refuse("either scales or sizes are needed, and not both");
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, facts.DType(0), null);
            return;
        }
        var axes = Axes is null ? [.. Enumerable.Range(0, x.Rank)] : facts.Axes(Axes, x.Rank);
        facts.Output(0, facts.DType(0), sizes ? Sized(facts, x, axes) : Scaled(facts, x, axes));
    }

    /// <summary>Whether an input is there; files also write an empty list for one that is not.</summary>
    private static bool IsGiven(Inference facts, int input) => facts.Has(input) && !(facts.Shape(input) is { Rank: 1 } list && list[0] == 0);

    private Shape Scaled(Inference facts, Shape x, int[] axes)
    {
        // Here the region of interest counts too, and engines differ.
        var certain = CoordinateTransformationMode != "tf_crop_and_resize";
        return certain && facts.Input(2).Constant is { HasElements: true } scales
            ? Resizing.Scaled(facts, x, axes, scales.ToFloats())
            : new([.. x.Select((dim, axis) => axes.Contains(axis) ? Dim.Unknown : dim)]);
    }

    private Shape Sized(Inference facts, Shape x, int[] axes)
    {
        var sizes = facts.List(3) ?? [.. axes.Select(_ => Dim.Unknown)];
        if (sizes.Count != axes.Length || sizes.Any(size => size is { IsKnown: true, Value: < 0 }))
            throw facts.Refuse($"{axes.Length} sizes of 0 or more are needed");
        if (KeepAspectRatioPolicy != "stretch")
            sizes = Bounded(sizes, [.. axes.Select(axis => x[axis])]);
        Dim[] dims = [.. x];
        for (var i = 0; i < axes.Length; i++)
            dims[axes[i]] = sizes[i];
        return new(dims);
    }

    /// <summary>All extents scaled by the smallest (or largest) of size / extent, as a fraction; halves round up.</summary>
    private Dim[] Bounded(IReadOnlyList<Dim> sizes, Dim[] extents)
    {
        if (!sizes.Concat(extents).All(dim => dim is { IsKnown: true, Value: >= 0 and <= int.MaxValue }) || extents.Contains(0))
            return [.. sizes.Select(_ => Dim.Unknown)];
        var (over, under) = ((Int128)sizes[0].Value, (Int128)extents[0].Value);
        for (var i = 1; i < extents.Length; i++)
        {
            var (mine, theirs) = (sizes[i].Value * under, over * extents[i].Value);
            if (KeepAspectRatioPolicy == "not_larger" ? mine < theirs : mine > theirs)
                (over, under) = (sizes[i].Value, extents[i].Value);
        }
        return [.. extents.Select(extent => Dim.Of((long)(((2 * over * extent.Value) + under) / (2 * under))))];
    }

    internal override bool IsLearnable(int input) => input == 0;

    internal override Cost Count(CostFacts facts) => Resizing.Count(facts, Mode, Antialias);
}

/// <summary>
/// x with each axis enlarged by its factor, the second input (ONNX operator <c>Upsample</c>, withdrawn since version 10 in favour of
/// <see cref="Resize"/>).
/// </summary>
public sealed record Upsample : Op
{
    /// <summary><c>nearest</c> or <c>linear</c>.</summary>
    public string Mode { get; init; } = "nearest";

    private protected override Op Through(AttributeVisitor attributes) => this with { Mode = attributes.Text("mode", Mode, "nearest") };

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("nearest" or "linear"))
            throw facts.Refuse($"mode '{Mode}' is neither nearest nor linear");
        if (facts.Shape(0) is { } x)
            facts.Output(0, facts.DType(0), facts.Input(1).Constant is { HasElements: true } scales
                ? Resizing.Scaled(facts, x, [.. Enumerable.Range(0, x.Rank)], scales.ToFloats())
                : Elements.AnyOfRank(x.Rank));
        else
            facts.Output(0, facts.DType(0), null);
    }

    internal override bool IsLearnable(int input) => input == 0;

    internal override Cost Count(CostFacts facts) => Resizing.Count(facts, Mode, antialias: false);
}

/// <summary>
/// Places to sample at, moved by matrices: θ [N,2,3] or [N,3,4] and the size [N,C,H,W] or [N,C,D,H,W] of the picture to come, to places [N,H,W,2] or
/// [N,D,H,W,3] between -1 and 1, x first (ONNX operator <c>AffineGrid</c>).
/// </summary>
public sealed record AffineGrid : Op
{
    /// <summary>Whether -1 and 1 are the middles of the outermost elements, rather than their outer edges.</summary>
    public bool AlignCorners { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { AlignCorners = attributes.Flag("align_corners", AlignCorners, false) };

    internal override Cost Count(CostFacts facts) => new(facts.OutputElements() * facts.OutputShape(0)?.Rank, 0);

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is not (null or 3) || facts.Shape(0)?[1] is { IsKnown: true, Value: not (2 or 3) })
            throw facts.Refuse("the matrices should be [N,2,3] or [N,3,4]");
        var size = facts.List(1);
        if (size is not (null or { Count: 4 or 5 }) || (size is not null && facts.Shape(0)?[1] is { IsKnown: true } rows && rows.Value != size.Count - 2))
            throw facts.Refuse("the size should be [N,C,H,W] with matrices [N,2,3], or [N,C,D,H,W] with matrices [N,3,4]");
        if (size?.Any(extent => extent is { IsKnown: true, Value: < 0 }) == true)
            throw facts.Refuse("sizes are 0 or more");
        facts.Output(0, facts.DType(0), size is not null
            ? new([facts.Same(size[0], facts.Shape(0)?[0] ?? Dim.Unknown, "the batches of size and matrices"), .. size.Skip(2), size.Count - 2])
            : facts.Shape(0)?[1] is { IsKnown: true } axes ? Elements.AnyOfRank((int)axes.Value + 2) : null);
    }
}

/// <summary>
/// x sampled at places: x [N,C,d…] and places [N,o…,r], r numbers between -1 and 1 for the r space axes, the last axis first, to [N,C,o…] (ONNX operator
/// <c>GridSample</c>).
/// </summary>
public sealed record GridSample : Op
{
    /// <summary>Whether -1 and 1 are the middles of the outermost elements, rather than their outer edges.</summary>
    public bool AlignCorners { get; init; }

    /// <summary><c>linear</c>, <c>nearest</c> or <c>cubic</c>.</summary>
    public string Mode { get; init; } = "linear";

    /// <summary>What lies outside x: <c>zeros</c>, <c>border</c> (its outermost elements) or <c>reflection</c>.</summary>
    public string PaddingMode { get; init; } = "zeros";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        AlignCorners = attributes.Flag("align_corners", AlignCorners, false),
        Mode = attributes.Text("mode", Mode, "linear"),
        PaddingMode = attributes.Text("padding_mode", PaddingMode, "zeros"),
    };

    internal override Cost Count(CostFacts facts)
    {
        if (Mode == "nearest")
            return Cost.None;
        return facts.Shape(0) is { } x ? new(facts.OutputElements() * Math.Pow(Mode == "cubic" ? 4 : 2, x.Rank - 2), 0) : Cost.Unknown;
    }

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("linear" or "nearest" or "cubic"))
            throw facts.Refuse($"mode '{Mode}' is none of linear, nearest, cubic");
        if (PaddingMode is not ("zeros" or "border" or "reflection"))
            throw facts.Refuse($"padding_mode '{PaddingMode}' is none of zeros, border, reflection");
        if ((facts.Rank(0) ?? facts.Rank(1)) is not { } rank)
            facts.Output(0, facts.DType(0), null);
        else if (rank < 3 || (facts.Rank(1) is { } other && other != rank))
            throw facts.Refuse("x [N,C,d…] and places [N,o…,r] need the same number of axes, 3 or more");
        else
            facts.Output(0, facts.DType(0), Sampled(facts, facts.Shape(0) ?? Elements.AnyOfRank(rank), facts.Shape(1) ?? Elements.AnyOfRank(rank)));
    }

    private static Shape Sampled(Inference facts, Shape x, Shape places)
    {
        facts.Same(places[places.Rank - 1], x.Rank - 2, "the numbers of a place and the space axes of x");
        return new([facts.Same(x[0], places[0], "the batches of x and of the places"), x[1], .. places.Skip(1).Take(places.Rank - 2)]);
    }
}
