namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that make tensors out of attributes, shapes and numbers.</summary>
internal static class Constants
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Constant(), [1, 9, 11, 12, 13, 19, 21, 23, 24, 25], 0, 0),
        new(new ConstantOfShape(), [9, 20, 21, 23, 24, 25], 1, 1),
        new(new ShapeOf(), [1, 13, 15, 19, 21, 23, 24, 25], 1, 1),
        new(new Size(), [1, 13, 19, 21, 23, 24, 25], 1, 1),
        new(new Range(), [11, 27], 3, 3),
        new(new EyeLike(), [9, 22], 1, 1),
    ];
}

/// <summary>A tensor that the node itself holds, in exactly one of several forms (ONNX operator <c>Constant</c>).</summary>
public sealed record Constant : Op
{
    /// <summary>Any tensor.</summary>
    public TensorData? Value { get; init; }

    /// <summary>A tensor stored sparse; it is dense once computed.</summary>
    public SparseTensor? SparseValue { get; init; }

    /// <summary>A float32 without axes.</summary>
    public float? ValueFloat { get; init; }

    /// <summary>A list of float32.</summary>
    public AttributeList<float>? ValueFloats { get; init; }

    /// <summary>An int64 without axes.</summary>
    public long? ValueInt { get; init; }

    /// <summary>A list of int64.</summary>
    public AttributeList<long>? ValueInts { get; init; }

    /// <summary>A string without axes.</summary>
    public string? ValueString { get; init; }

    /// <summary>A list of strings.</summary>
    public AttributeList<string>? ValueStrings { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Value = attributes.Tensor("value", Value),
        SparseValue = attributes.Sparse("sparse_value", SparseValue),
        ValueFloat = attributes.OptionalFloat("value_float", ValueFloat),
        ValueFloats = attributes.Floats("value_floats", ValueFloats),
        ValueInt = attributes.OptionalInt("value_int", ValueInt),
        ValueInts = attributes.Ints("value_ints", ValueInts),
        ValueString = attributes.OptionalText("value_string", ValueString),
        ValueStrings = attributes.Texts("value_strings", ValueStrings),
    };

    internal override void Infer(Inference facts)
    {
        object?[] forms = [Value, SparseValue, ValueFloat, ValueFloats, ValueInt, ValueInts, ValueString, ValueStrings];
        if (forms.Count(form => form is not null) != 1)
            throw facts.Refuse($"exactly one of the value attributes is needed, and {forms.Count(form => form is not null)} are given");
        facts.Output(0, SparseValue is { } sparse ? new() { Type = sparse.Type } : Fact.Of(Dense()!));
    }

    /// <summary>The value as a tensor; null when it is sparse or absent.</summary>
    internal TensorData? Dense() => this switch
    {
        { Value: { } tensor } => tensor,
        { ValueFloat: { } number } => TensorData.Scalar("", number),
        { ValueFloats: { } numbers } => TensorData.Create("", numbers.ToArray(), numbers.Count),
        { ValueInt: { } number } => TensorData.Scalar("", number),
        { ValueInts: { } numbers } => TensorData.Create("", numbers.ToArray(), numbers.Count),
        { ValueString: { } text } => TensorData.FromStrings("", [text]),
        { ValueStrings: { } texts } => TensorData.FromStrings("", texts, texts.Count),
        _ => null,
    };
}

/// <summary>A tensor of a shape that comes as a list, every element the same (ONNX operator <c>ConstantOfShape</c>).</summary>
public sealed record ConstantOfShape : Op
{
    /// <summary>One element: its type and number are those of the result; null means the float32 0.</summary>
    public TensorData? Value { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Value = attributes.Tensor("value", Value) };

    internal override void Infer(Inference facts)
    {
        if (Value is { ElementCount: not 1 })
            throw facts.Refuse($"the attribute value should have one element and has {Value.ElementCount}");
        var extents = facts.List(0);
        if (extents is not null && extents.Any(extent => extent.IsKnown && extent.Value < 0))
            throw facts.Refuse("an extent is negative");
        var shape = extents is null ? null : new Shape([.. extents]);
        facts.Output(0, Value?.DType ?? DType.Float32, shape, Filled(shape));
    }

    private Dim[]? Filled(Shape? shape) =>
        Value is null || Fact.Of(Value).Elements is not { } element ? null : Elements.Fill(shape, _ => element[0]);
}

/// <summary>The extents of a tensor as int64, or a range of them (ONNX operator <c>Shape</c>).</summary>
public sealed record ShapeOf : Op
{
    /// <inheritdoc/>
    public override string Name => "Shape";

    /// <summary>The first axis; negative counts from the end, and what lies outside is moved to the nearer end.</summary>
    public long Start { get; init; }

    /// <summary>The axis after the last, counted as <see cref="Start"/>; null means all to the end.</summary>
    public long? End { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Start = attributes.Int("start", Start, 0),
        End = attributes.OptionalInt("end", End),
    };

    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, DType.Int64, Elements.AnyOfRank(1));
            return;
        }
        var (start, end) = (Place(Start, x.Rank), Place(End ?? x.Rank, x.Rank));
        // A file may declare a negative extent, which stands for nothing.
        Dim[] extents = [.. x.Take(end).Skip(start).Select(dim => dim is { IsKnown: true, Value: < 0 } ? Dim.Unknown : dim)];
        facts.Output(0, DType.Int64, new(extents.Length), extents);
    }

    private static int Place(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
}

/// <summary>How many elements a tensor has, as an int64 without axes (ONNX operator <c>Size</c>).</summary>
public sealed record Size : Op
{
    internal override void Infer(Inference facts) =>
        facts.Output(0, DType.Int64, Shape.Scalar, [facts.Shape(0) is { } x ? Extent.Product(x) : Dim.Unknown]);
}

/// <summary>
/// The numbers from a start, in equal steps, to a limit that is left out: start, limit and delta without axes to y [n] with
/// n = max(0, ceil((limit - start) / delta)) (ONNX operator <c>Range</c>).
/// </summary>
public sealed record Range : Op
{
    /// <summary>The type in which float16 and bfloat16 are computed.</summary>
    public DType StashType { get; init; } = DType.Float32;

    private protected override Op Through(AttributeVisitor attributes) => this with { StashType = attributes.Type("stash_type", StashType, DType.Float32) };

    internal override void Infer(Inference facts)
    {
        if (facts.DType(0).IsInteger())
            InferIntegers(facts, facts.One(0), facts.One(1), facts.One(2));
        else
            facts.Output(0, facts.DType(0), new(Count(facts, facts.Number(0), facts.Number(1), facts.Number(2))));
    }

    private static void InferIntegers(Inference facts, Dim start, Dim limit, Dim delta)
    {
        if (delta is { IsKnown: true, Value: 0 })
            throw facts.Refuse("the step is 0");
        if (start.IsKnown && limit.IsKnown && delta.IsKnown)
        {
            var shape = new Shape(Count(facts, start.Value, limit.Value, delta.Value));
            facts.Output(0, facts.DType(0), shape, Elements.Fill(shape, index => start.Value + (index[0] * delta.Value)));
            return;
        }
        // Extents are never negative: counting from 0 to a symbol gives as many numbers as it stands for.
        var counts = start is { IsKnown: true, Value: 0 } && delta is { IsKnown: true, Value: 1 };
        facts.Output(0, facts.DType(0), new(counts && !limit.IsKnown ? limit : Dim.Unknown));
    }

    private static long Count(Inference facts, long start, long limit, long delta)
    {
        var (distance, step) = ((Int128)limit - start, (Int128)delta);
        if (distance == 0 || distance > 0 != step > 0)
            return 0;
        var count = ((Int128.Abs(distance) - 1) / Int128.Abs(step)) + 1;
        return count <= long.MaxValue ? (long)count : throw facts.Refuse($"{count} numbers are more than any tensor holds");
    }

    /// <summary>Types narrower than double are subtracted as float32 before the division, as the numbers themselves are.</summary>
    private static Dim Count(Inference facts, double? start, double? limit, double? delta)
    {
        if (delta == 0)
            throw facts.Refuse("the step is 0");
        var distance = facts.DType(0) == DType.Double ? limit - start : (float?)limit - (float?)start;
        var count = Math.Max(0, Math.Ceiling(distance / delta ?? double.NaN));
        return count < 1L << 53 ? (long)count : Dim.Unknown;
    }
}

/// <summary>A matrix shaped as another with ones on one diagonal, zeros elsewhere: x [R,C] to y [R,C] (ONNX operator <c>EyeLike</c>).</summary>
public sealed record EyeLike : Op
{
    /// <summary>The element type; null means that of the input.</summary>
    public DType? ElementType { get; init; }

    /// <summary>How far right of the main diagonal the ones stand; negative is below.</summary>
    public long K { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = (DType?)attributes.OptionalInt("dtype", (long?)ElementType),
        K = attributes.Int("k", K, 0),
    };

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is not (null or 2))
            throw facts.Refuse("a matrix is needed");
        facts.Output(0, ElementType ?? facts.DType(0), facts.Shape(0) ?? Elements.AnyOfRank(2));
    }
}
