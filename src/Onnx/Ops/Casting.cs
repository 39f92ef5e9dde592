namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that change the element type.</summary>
internal static class Casting
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Cast(), [1, 6, 9, 13, 19, 21, 23, 24, 25], 1, 1),
        new(new CastLike(), [15, 19, 21, 23, 24, 25], 2, 2),
        new(new BitCast(), [26], 1, 1),
    ];

    /// <summary>What is known of the first input after a conversion.</summary>
    public static Fact Convert(Inference facts, DType to) =>
        RealFormulas.Convert(facts.Input(0), to) ?? Fact.Tensor(to, facts.Shape(0), Convert(facts.Input(0), to));

    /// <summary>The followed elements after a conversion; what does not fit the new type is not followed further.</summary>
    private static IReadOnlyList<Dim>? Convert(Fact from, DType to)
    {
        if (to != DType.Bool && !to.IsInteger())
            return null;
        if (from.Elements is { } elements)
            return [.. elements.Select(element => Convert(element, to))];
        if (from.Constant is not { ElementCount: <= Fact.MostElements, HasElements: true } constant || !constant.DType.IsFloat())
            return null;
        double[] numbers = constant.DType == DType.Double ? constant.As<double>().ToArray() : [.. constant.ToFloats()];
        return [.. numbers.Select(number => Convert(number, to))];
    }

    private static Dim Convert(Dim element, DType to)
    {
        // Extents reach nowhere near the end of 32 bits; narrower types may cut them off.
        if (!element.IsKnown)
            return to.Bits() >= 32 ? element : Dim.Unknown;
        if (to == DType.Bool)
            return element.Value == 0 ? 0 : 1;
        return Holds(to, element.Value) ? element : Dim.Unknown;
    }

    private static Dim Convert(double element, DType to)
    {
        if (to == DType.Bool)
            return double.IsNaN(element) ? Dim.Unknown : element == 0 ? 0 : 1;
        return Math.Abs(element) < 1L << 62 && Holds(to, (long)element) ? (long)element : Dim.Unknown;
    }

    private static bool Holds(DType type, long number)
    {
        var bits = type.Bits();
        if (type is DType.Int2 or DType.Int4 or DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64)
            return bits == 64 || (number >= -(1L << (bits - 1)) && number < 1L << (bits - 1));
        return number >= 0 && (bits == 64 || number < 1L << bits);
    }
}

/// <summary>x in another element type (ONNX operator <c>Cast</c>).</summary>
public sealed record Cast : Op
{
    /// <summary>The element type of the result.</summary>
    public DType To { get; init; } = DType.Float32;

    /// <summary>Whether a number too large for an 8-bit float becomes the largest one, rather than infinity or NaN.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>How numbers become <see cref="DType.Float8E8M0"/>: <c>up</c>, <c>down</c> or <c>nearest</c>.</summary>
    public string RoundMode { get; init; } = "up";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        To = (DType)attributes.RequiredInt("to", (long)To),
        Saturate = attributes.Flag("saturate", Saturate, true),
        RoundMode = attributes.Text("round_mode", RoundMode, "up"),
    };

    internal override void Infer(Inference facts)
    {
        if (!To.IsKnown())
            throw facts.Refuse($"the attribute to is {(long)To}, which is no element type");
        facts.Output(0, Casting.Convert(facts, To));
    }
}

/// <summary>The first input in the element type of the second (ONNX operator <c>CastLike</c>).</summary>
public sealed record CastLike : Op
{
    /// <summary>As <see cref="Cast.Saturate"/>.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>As <see cref="Cast.RoundMode"/>.</summary>
    public string RoundMode { get; init; } = "up";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Saturate = attributes.Flag("saturate", Saturate, true),
        RoundMode = attributes.Text("round_mode", RoundMode, "up"),
    };

    internal override void Infer(Inference facts) => facts.Output(0, Casting.Convert(facts, facts.DType(1)));
}

/// <summary>The bits of x read as another element type of the same width (ONNX operator <c>BitCast</c>).</summary>
public sealed record BitCast : Op
{
    /// <summary>The element type of the result.</summary>
    public DType To { get; init; } = DType.Float32;

    private protected override Op Through(AttributeVisitor attributes) => this with { To = (DType)attributes.RequiredInt("to", (long)To) };

    internal override void Infer(Inference facts)
    {
        var from = facts.DType(0);
        if (To.Bits() == 0 || (from != DType.Undefined && from.Bits() != To.Bits()))
            throw facts.Refuse($"elements of {from.Bits()} bits cannot be read as {To}, which has {To.Bits()}");
        facts.Output(0, To, facts.Shape(0));
    }
}
