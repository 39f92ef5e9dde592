namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that resample along axes.</summary>
internal static class Resizing
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Resize(), [10, 11, 13, 18, 19], 1, 4),
        new(new Upsample(), [7, 9], 2, 2),
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
}
