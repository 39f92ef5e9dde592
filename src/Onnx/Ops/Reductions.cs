namespace Anneal.Onnx.Ops;

/// <summary>
/// An operator that makes one number of all elements along some axes: <c>ReduceSum</c>, <c>ReduceMean</c> and their like. Inputs: x, and the axes as
/// int64 [k], which may be left out.
/// </summary>
/// <param name="Operator">The operator's name.</param>
public sealed record Reduction(string Operator) : Op
{
    /// <inheritdoc/>
    public override string Name => Operator;

    /// <summary>Whether reduced axes stay, with an extent of 1.</summary>
    public bool Keepdims { get; init; } = true;

    /// <summary>What no axes mean: none reduced when true, all when false.</summary>
    public bool NoopWithEmptyAxes { get; init; }

    internal static IEnumerable<OpEntry> Entries =>
    [
        new(new Reduction("ReduceL1"), [1, 11, 13, 18], 1, 2),
        new(new Reduction("ReduceL2"), [1, 11, 13, 18], 1, 2),
        new(new Reduction("ReduceLogSum"), [1, 11, 13, 18], 1, 2),
        new(new Reduction("ReduceLogSumExp"), [1, 11, 13, 18], 1, 2),
        new(new Reduction("ReduceMax"), [1, 11, 12, 13, 18, 20], 1, 2),
        new(new Reduction("ReduceMean"), [1, 11, 13, 18], 1, 2),
        new(new Reduction("ReduceMin"), [1, 11, 12, 13, 18, 20], 1, 2),
        new(new Reduction("ReduceProd"), [1, 11, 13, 18], 1, 2),
        new(new Reduction("ReduceSum"), [1, 11, 13], 1, 2),
        new(new Reduction("ReduceSumSquare"), [1, 11, 13, 18], 1, 2),
        new(new ArgMax(), [1, 11, 12, 13], 1, 1),
        new(new ArgMin(), [1, 11, 12, 13], 1, 1),
        new(new CumProd(), [26], 2, 2),
        new(new CumSum(), [11, 14], 2, 2),
    ];

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Keepdims = attributes.Flag("keepdims", Keepdims, true),
        NoopWithEmptyAxes = attributes.Flag("noop_with_empty_axes", NoopWithEmptyAxes, false),
    };

    internal override void Infer(Inference facts)
    {
        var stated = StatedAxes(facts);
        if (facts.Shape(0) is not { } x)
            facts.Output(0, facts.DType(0), stated is { Count: 0 } && !NoopWithEmptyAxes && !Keepdims ? Shape.Scalar : null);
        else if (stated is null)
            facts.Output(0, facts.DType(0), SomeReduced(facts, x));
        else
            Reduce(facts, x, Mask(facts, stated, x.Rank));
    }

    /// <summary>The axes; an empty list for none, null when they are not known.</summary>
    private static IReadOnlyList<long>? StatedAxes(Inference facts)
    {
        if (!facts.Has(1))
            return [];
        return AxisCount(facts) == 0 ? [] : facts.Ints(1);
    }

    private static long? AxisCount(Inference facts) => facts.Shape(1) is { Rank: 1 } axes && axes[0].IsKnown ? axes[0].Value : null;

    private bool[] Mask(Inference facts, IReadOnlyList<long> stated, int rank)
    {
        var reduced = new bool[rank];
        if (stated.Count == 0)
            Array.Fill(reduced, !NoopWithEmptyAxes);
        foreach (var axis in stated)
            reduced[facts.Axis(axis, rank)] = true;
        return reduced;
    }

    private void Reduce(Inference facts, Shape x, bool[] reduced)
    {
        var kept = x.Select((dim, axis) => reduced[axis] ? Dim.Of(1) : dim).ToArray();
        var shape = Keepdims ? kept : [.. kept.Where((_, axis) => !reduced[axis])];
        facts.Output(0, facts.DType(0), new(shape), Elements(facts, x, new(kept)));
    }

    /// <summary>The shape when it is not known which axes go: an axis stays what it is or becomes 1.</summary>
    private Shape? SomeReduced(Inference facts, Shape x)
    {
        if (Keepdims)
            return new([.. x.Select(dim => dim is { IsKnown: true, Value: 1 } ? dim : Dim.Unknown)]);
        // Negative axes may name one twice, so the number of axes tells the rank only when it is 1.
        return AxisCount(facts) == 1 && x.Rank > 0 ? new([.. Enumerable.Repeat(Dim.Unknown, x.Rank - 1)]) : null;
    }

    private Dim[]? Elements(Inference facts, Shape x, Shape kept)
    {
        if (facts.Input(0).Elements is not { } elements || !x.IsStatic || Fold is not { } fold)
            return null;
        if (elements.Count == 0 || !Operands.IsSmall(kept.ToExtents(), out var count))
            return null;
        var result = new Dim?[count];
        for (var at = 0; at < elements.Count; at++)
        {
            var to = Operands.SourceIndex(at, x.ToExtents(), kept);
            result[to] = result[to] is { } soFar ? fold(soFar, elements[at]) : elements[at];
        }
        return [.. result.Select(element => IntegerFormulas.Fit(facts.DType(0), element ?? Dim.Unknown))];
    }

    private Func<Dim, Dim, Dim>? Fold => Operator switch
    {
        "ReduceMax" => IntegerFormulas.Max,
        "ReduceMin" => IntegerFormulas.Min,
        "ReduceProd" => IntegerFormulas.Multiply,
        "ReduceSum" => IntegerFormulas.Add,
        _ => null,
    };

    internal override Cost Count(CostFacts facts) => facts.ForEachInput();
}

/// <summary>An operator that finds the place of one element along an axis; the output is int64.</summary>
public abstract record ArgReduction : Op
{
    private protected ArgReduction() { }

    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    /// <summary>Whether the axis stays, with an extent of 1.</summary>
    public bool Keepdims { get; init; } = true;

    /// <summary>Whether of several equal elements the last counts rather than the first.</summary>
    public bool SelectLastIndex { get; init; }

    private protected sealed override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, 0),
        Keepdims = attributes.Flag("keepdims", Keepdims, true),
        SelectLastIndex = attributes.Flag("select_last_index", SelectLastIndex, false),
    };

    internal sealed override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, DType.Int64, null);
            return;
        }
        var axis = facts.Axis(Axis, x.Rank);
        facts.Output(0, DType.Int64, new([.. x.Take(axis), .. Keepdims ? [Dim.Of(1)] : Array.Empty<Dim>(), .. x.Skip(axis + 1)]));
    }

    internal sealed override Cost Count(CostFacts facts) => facts.ForEachInput();
}

/// <summary>The place of the greatest element along an axis (ONNX operator <c>ArgMax</c>).</summary>
public sealed record ArgMax : ArgReduction;

/// <summary>The place of the least element along an axis (ONNX operator <c>ArgMin</c>).</summary>
public sealed record ArgMin : ArgReduction;

/// <summary>An operator that runs along an axis and notes what it has so far. Inputs: x, and the axis as a scalar.</summary>
public abstract record Running : Op
{
    private protected Running() { }

    /// <summary>Whether an element itself is left out of what stands at its place.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Whether it runs from the end to the start.</summary>
    public bool Reverse { get; init; }

    private protected sealed override Op Through(AttributeVisitor attributes) => this with
    {
        Exclusive = attributes.Flag("exclusive", Exclusive, false),
        Reverse = attributes.Flag("reverse", Reverse, false),
    };

    internal sealed override void Infer(Inference facts)
    {
        if (facts.Rank(0) is { } rank && facts.Ints(1) is [var axis])
            facts.Axis(axis, rank);
        facts.Output(0, facts.DType(0), facts.Shape(0));
    }

    internal sealed override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Running products along an axis (ONNX operator <c>CumProd</c>).</summary>
public sealed record CumProd : Running;

/// <summary>Running sums along an axis (ONNX operator <c>CumSum</c>).</summary>
public sealed record CumSum : Running;
