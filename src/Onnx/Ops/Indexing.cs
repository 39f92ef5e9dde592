namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that pick and place elements by number.</summary>
internal static class Indexing
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Gather(), [1, 11, 13], 2, 2),
        new(new GatherElements(), [11, 13], 2, 2),
        new(new GatherND(), [11, 12, 13], 2, 2),
        new(new Scatter(), [9, 11], 3, 3),
        new(new ScatterElements(), [11, 13, 16, 18], 3, 3),
        new(new ScatterND(), [11, 13, 16, 18], 3, 3),
        new(new OneHot(), [9, 11], 3, 3),
        new(new NonZero(), [9, 13], 1, 1),
        new(new Compress(), [9, 11], 2, 2),
        new(new TopK(), [1, 10, 11, 24], 2, 2, 2),
        new(new Unique(), [11], 1, 1, 4),
    ];

    /// <summary>What ScatterElements and ScatterND do where several updates, or an update and the data, meet.</summary>
    public static void RequireReduction(Inference facts, string reduction)
    {
        if (reduction is not ("none" or "add" or "mul" or "max" or "min"))
            throw facts.Refuse($"reduction '{reduction}' is none of none, add, mul, max, min");
    }
}

/// <summary>
/// Slices of x along an axis, by number; negative numbers count from the end. The axes of the numbers take the axis's place
/// (ONNX operator <c>Gather</c>).
/// </summary>
public sealed record Gather : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.Int("axis", Axis, 0) };

    internal override void Infer(Inference facts)
    {
        var (x, indices) = (facts.Shape(0), facts.Shape(1));
        if (x is null)
        {
            facts.Output(0, facts.DType(0), null);
            return;
        }
        var axis = facts.Axis(Axis, x.Rank);
        RequireInside(facts, x[axis]);
        var shape = indices is null ? null : new Shape([.. x.Take(axis), .. indices, .. x.Skip(axis + 1)]);
        facts.Output(0, facts.DType(0), shape, Picked(facts.Input(0), facts.Input(1), shape, axis));
    }

    private static void RequireInside(Inference facts, Dim extent)
    {
        var wrong = extent.IsKnown ? facts.Input(1).Elements?.FirstOrDefault(i => i.IsKnown && (i.Value < -extent.Value || i.Value >= extent.Value)) : null;
        if (wrong is { IsKnown: true } index)
            throw facts.Refuse($"index {index} is outside -{extent} to {extent.Value - 1}");
    }

    private static Dim[]? Picked(Fact x, Fact indices, Shape? shape, int axis)
    {
        if (x.Elements is not { } elements || Elements.Of(indices) is not { } numbers)
            return null;
        var rank = indices.Shape!.Rank;
        return Elements.Fill(shape, index =>
        {
            var number = numbers[Elements.Position(indices.Shape, index[axis..(axis + rank)])];
            var at = number.Value < 0 ? number.Value + x.Shape![axis].Value : number.Value;
            return number.IsKnown ? elements[Elements.Position(x.Shape!, [.. index[..axis], at, .. index[(axis + rank)..]])] : Dim.Unknown;
        });
    }
}

/// <summary>
/// Elements of x by their number along an axis, one for each of the numbers, at the same place along the other axes: the result has the shape
/// of the numbers (ONNX operator <c>GatherElements</c>).
/// </summary>
public sealed record GatherElements : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.Int("axis", Axis, 0) };

    internal override void Infer(Inference facts)
    {
        var rank = facts.Rank(0) ?? facts.Rank(1);
        if (facts.Rank(1) is { } other && other != rank)
            throw facts.Refuse("x and the indices need the same number of axes");
        if (rank is not null)
            facts.Axis(Axis, rank.Value);
        facts.Output(0, facts.DType(0), facts.Shape(1) ?? (rank is null ? null : Elements.AnyOfRank(rank.Value)));
    }
}

/// <summary>
/// Slices of x by tuples of numbers: x [b…,i…,s…] and indices [b…,n…,k] to [b…,n…,s…], where each tuple of k numbers picks along the k axes
/// after the batch axes (ONNX operator <c>GatherND</c>).
/// </summary>
public sealed record GatherND : Op
{
    /// <summary>How many leading axes both inputs share.</summary>
    public long BatchDims { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { BatchDims = attributes.Int("batch_dims", BatchDims, 0) };

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Picked(facts));

    private Shape? Picked(Inference facts)
    {
        if (facts.Shape(0) is not { } x || facts.Shape(1) is not { } indices)
            return null;
        if (indices.Rank < 1 || BatchDims < 0 || BatchDims >= Math.Min(x.Rank, indices.Rank))
            throw facts.Refuse($"batch_dims {BatchDims} should be less than the ranks of x and of the indices");
        var (batch, tuple) = ((int)BatchDims, indices[indices.Rank - 1]);
        if (!tuple.IsKnown)
            return null;
        if (tuple.Value < 1 || tuple.Value > x.Rank - batch)
            throw facts.Refuse($"tuples of {tuple} numbers pick along 1 to {x.Rank - batch} axes");
        var shared = x.Take(batch).Select((dim, axis) => facts.Same(dim, indices[axis], $"extent {axis} of x and of the indices"));
        return new([.. shared, .. indices.Take(indices.Rank - 1).Skip(batch), .. x.Skip(batch + (int)tuple.Value)]);
    }
}

/// <summary>The former name of <see cref="ScatterElements"/>, withdrawn since version 11 (ONNX operator <c>Scatter</c>): refused.</summary>
public sealed record Scatter : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.Int("axis", Axis, 0) };

    internal override void Infer(Inference facts) =>
        throw facts.Refuse("Scatter was withdrawn in version 11 of the operator set; ScatterElements does the same");
}

/// <summary>
/// x with elements replaced: each update goes to its number along an axis, at its own place along the other axes; x, indices and updates have
/// the same rank (ONNX operator <c>ScatterElements</c>).
/// </summary>
public sealed record ScatterElements : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    /// <summary>How an update joins what is there: <c>none</c> (it replaces), <c>add</c>, <c>mul</c>, <c>max</c> or <c>min</c>.</summary>
    public string Reduction { get; init; } = "none";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, 0),
        Reduction = attributes.Text("reduction", Reduction, "none"),
    };

    internal override void Infer(Inference facts)
    {
        Indexing.RequireReduction(facts, Reduction);
        if (facts.Rank(0) is { } rank)
        {
            facts.Axis(Axis, rank);
            if (facts.Rank(1) is { } indices && indices != rank || facts.Rank(2) is { } updates && updates != rank)
                throw facts.Refuse("x, indices and updates need the same number of axes");
        }
        facts.Output(0, facts.DType(0), facts.Shape(0));
    }

    internal override Cost Count(CostFacts facts) => Reduction == "none" ? Cost.None : facts.ForEachInput(2);
}

/// <summary>
/// x with slices replaced: indices [n…,k] name them by tuples of k numbers along the first k axes, updates are [n…,s…], s… the extents of x's
/// other axes (ONNX operator <c>ScatterND</c>).
/// </summary>
public sealed record ScatterND : Op
{
    /// <summary>How an update joins what is there: <c>none</c> (it replaces), <c>add</c>, <c>mul</c>, <c>max</c> or <c>min</c>.</summary>
    public string Reduction { get; init; } = "none";

    private protected override Op Through(AttributeVisitor attributes) => this with { Reduction = attributes.Text("reduction", Reduction, "none") };

    internal override void Infer(Inference facts)
    {
        Indexing.RequireReduction(facts, Reduction);
        if (facts.Shape(0) is { } x && facts.Shape(1) is { } indices)
            RequireFit(facts, x, indices);
        facts.Output(0, facts.DType(0), facts.Shape(0));
    }

    private static void RequireFit(Inference facts, Shape x, Shape indices)
    {
        if (x.Rank < 1 || indices.Rank < 1)
            throw facts.Refuse("x and the indices need at least one axis");
        var tuple = indices[indices.Rank - 1];
        if (tuple.IsKnown && (tuple.Value < 1 || tuple.Value > x.Rank))
            throw facts.Refuse($"tuples of {tuple} numbers name slices along 1 to {x.Rank} axes");
        if (tuple.IsKnown && facts.Rank(2) is { } updates && updates != indices.Rank - 1 + x.Rank - tuple.Value)
            throw facts.Refuse($"updates should have {indices.Rank - 1 + x.Rank - tuple.Value} axes");
    }

    internal override Cost Count(CostFacts facts) => Reduction == "none" ? Cost.None : facts.ForEachInput(2);
}

/// <summary>
/// Numbers as rows of two values, one at the number's place and the other elsewhere: indices […], the depth and the values [off, on] to a tensor
/// with one more axis, of the depth's extent (ONNX operator <c>OneHot</c>).
/// </summary>
public sealed record OneHot : Op
{
    /// <summary>Where the new axis stands among those of the result; negative counts from the end.</summary>
    public long Axis { get; init; } = -1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.Int("axis", Axis, -1) };

    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } indices)
        {
            facts.Output(0, facts.DType(2), null);
            return;
        }
        var axis = facts.Axis(Axis, indices.Rank + 1);
        facts.Output(0, facts.DType(2), new([.. indices.Take(axis), Depth(facts), .. indices.Skip(axis)]));
    }

    /// <summary>The depth may be of any real type; fractions are dropped.</summary>
    private static Dim Depth(Inference facts)
    {
        if (facts.DType(1).IsInteger() && facts.One(1) is { IsKnown: false } symbol)
            return symbol;
        if (facts.Number(1) is not { } depth)
            return Dim.Unknown;
        return depth is >= 0 and < long.MaxValue ? (long)depth : throw facts.Refuse($"the depth {depth} is no extent");
    }
}

/// <summary>
/// The places of all elements other than zero, in row-major order: x of rank r to [r,n], one column each (ONNX operator <c>NonZero</c>).
/// </summary>
public sealed record NonZero : Op
{
    internal override void Infer(Inference facts) =>
        facts.Output(0, DType.Int64, new(facts.Rank(0) is { } rank ? rank : Dim.Unknown, Count(facts.Input(0))));

    private static Dim Count(Fact x)
    {
        if (x.Constant is not { HasElements: true } constant)
            return x.Ints is { } elements ? elements.Count(element => element != 0) : Dim.Unknown;
        // Narrowing a double to a float could turn a tiny number into zero.
        if (constant.DType == DType.Double)
            return constant.ElementCount - constant.As<double>().Count(0.0);
        return constant.DType.IsFloat() || constant.DType.IsInteger() || constant.DType == DType.Bool
            ? constant.ToFloats().Count(element => element != 0)
            : Dim.Unknown;
    }
}

/// <summary>
/// The slices of x along an axis, or its elements in row-major order, whose condition holds; slices past the end of the conditions are dropped
/// (ONNX operator <c>Compress</c>).
/// </summary>
public sealed record Compress : Op
{
    /// <summary>The axis; negative counts from the end; null means that x counts as one row of elements.</summary>
    public long? Axis { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.OptionalInt("axis", Axis) };

    internal override void Infer(Inference facts)
    {
        var kept = Kept(facts.Input(1));
        if (Axis is null)
            facts.Output(0, facts.DType(0), new(kept));
        else
            facts.Output(0, facts.DType(0), facts.Shape(0) is { } x ? x.With(facts.Axis(Axis.Value, x.Rank), kept) : null);
    }

    private static Dim Kept(Fact conditions)
    {
        var known = conditions.Ints ?? (conditions.Constant is { HasElements: true } constant ? constant.ToInt64s() : null);
        return known is null ? Dim.Unknown : known.Count(condition => condition != 0);
    }
}

/// <summary>
/// The k largest or smallest elements along an axis, and their numbers: x and k to values and indices (int64), both with extent k along the axis
/// (ONNX operator <c>TopK</c>).
/// </summary>
public sealed record TopK : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; } = -1;

    /// <summary>Whether the largest come, rather than the smallest.</summary>
    public bool Largest { get; init; } = true;

    /// <summary>Whether they come in order, the most extreme first.</summary>
    public bool Sorted { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, -1),
        Largest = attributes.Flag("largest", Largest, true),
        Sorted = attributes.Flag("sorted", Sorted, true),
    };

    internal override void Infer(Inference facts)
    {
        var k = facts.One(1);
        var shape = facts.Shape(0) is { } x ? Picked(facts, x, k) : null;
        facts.Output(0, facts.DType(0), shape);
        facts.Output(1, DType.Int64, shape);
    }

    private Shape Picked(Inference facts, Shape x, Dim k)
    {
        var axis = facts.Axis(Axis, x.Rank);
        if (k.IsKnown && (k.Value < 0 || (x[axis].IsKnown && k.Value > x[axis].Value)))
            throw facts.Refuse($"k is {k} of {x[axis]} elements");
        return x.With(axis, k);
    }

    /// <summary>Each element is compared once at least.</summary>
    internal override Cost Count(CostFacts facts) => facts.ForEachInput();
}

/// <summary>
/// The different elements of x, or the different slices along an axis; then, as int64 vectors, where each stands first, which of them each element
/// of x is, and how often each occurs (ONNX operator <c>Unique</c>).
/// </summary>
public sealed record Unique : Op
{
    /// <summary>The axis; negative counts from the end; null means that x counts as one row of elements.</summary>
    public long? Axis { get; init; }

    /// <summary>Whether they come in ascending order, rather than as they occur.</summary>
    public bool Sorted { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.OptionalInt("axis", Axis),
        Sorted = attributes.Flag("sorted", Sorted, true),
    };

    internal override Cost Count(CostFacts facts) => facts.ForEachInput();

    internal override void Infer(Inference facts)
    {
        var x = facts.Shape(0);
        var axis = x is not null && Axis is { } stated ? facts.Axis(stated, x.Rank) : 0;
        var whole = x is null ? Dim.Unknown : Axis is null ? Extent.Product(x) : x[axis];
        var found = Count(facts.Input(0), whole, axis);
        facts.Output(0, facts.DType(0), Axis is null ? new(found) : x?.With(axis, found));
        facts.Output(1, DType.Int64, new(found));
        facts.Output(2, DType.Int64, new(whole));
        facts.Output(3, DType.Int64, new(found));
    }

    /// <summary>How many different ones a small constant holds.</summary>
    private Dim Count(Fact x, Dim whole, int axis)
    {
        if (x.Constant is not { HasElements: true, ElementCount: <= Fact.MostElements } constant || Numbers(constant) is not { } numbers)
            return Dim.Unknown;
        if (Axis is null)
            return numbers.Distinct().Count();
        var inner = constant.Dims[(axis + 1)..].ToArray().Aggregate(1L, (count, extent) => count * extent);
        return Enumerable.Range(0, (int)whole.Value)
            .Select(slice => string.Join(' ', numbers.Where((_, i) => i / inner % whole.Value == slice)))
            .Distinct().Count();
    }

    /// <summary>The elements, two being equal when they count as one: -0 is 0, and NaN is itself. Null for those that are no numbers.</summary>
    private static object[]? Numbers(TensorData constant) => constant.DType switch
    {
        DType.Double => [.. constant.As<double>().ToArray().Select(element => (object)(element + 0.0))],
        var dtype when dtype.IsFloat() => [.. constant.ToFloats().Select(element => (object)(element + 0f))],
        var dtype when (dtype.IsInteger() && dtype != DType.UInt64) || dtype == DType.Bool => [.. constant.ToInt64s().Select(element => (object)element)],
        _ => null,
    };
}
