namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that run subgraphs.</summary>
internal static class ControlFlow
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new If(), [1, 11, 13, 16, 19, 21, 23, 24, 25], 1, 1, OpEntry.Any),
        new(new Loop(), [1, 11, 13, 16, 19, 21, 23, 24, 25], 2, OpEntry.Any, OpEntry.Any),
        new(new Scan(), [8, 9, 11, 16, 19, 21, 23, 24, 25], 1, OpEntry.Any, OpEntry.Any),
    ];

    /// <summary>What a loop carries, when it is over: what it was given, or what its last round gave, or one of the two.</summary>
    public static Fact Final(Rounds rounds, Fact initial, Fact carried) => rounds switch
    {
        { Count: { IsKnown: true, Value: 0 } } => initial,
        { AtLeastOne: true } => carried,
        _ => FactLattice.Join(initial, carried),
    };

    /// <summary>What the rounds of a loop give, stacked along a new axis.</summary>
    public static Fact Stacked(Inference facts, Rounds rounds, Fact element, long axis = 0)
    {
        if (element.Shape is not { } shape)
            return Fact.Tensor(element.DType);
        var dims = shape.ToList();
        dims.Insert(facts.Axis(axis, shape.Rank + 1), rounds.Count);
        return Fact.Tensor(element.DType, new([.. dims]));
    }
}

/// <summary>What is known of how often a loop goes round.</summary>
/// <param name="Count">How often.</param>
/// <param name="AtLeastOne">Whether it is certain to go round once.</param>
internal readonly record struct Rounds(Dim Count, bool AtLeastOne)
{
    /// <summary>A loop with so many rounds.</summary>
    public static Rounds Of(Dim count) => new(count, count is { IsKnown: true, Value: > 0 });
}

/// <summary>
/// One of two subgraphs, as the condition, a bool of one element, says; neither has inputs of its own, both use the values around them
/// (ONNX operator <c>If</c>).
/// </summary>
public sealed record If : Op
{
    /// <summary>What is run when the condition holds.</summary>
    public Graph ThenBranch { get; init; } = new("then");

    /// <summary>What is run otherwise; it has as many outputs.</summary>
    public Graph ElseBranch { get; init; } = new("else");

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ThenBranch = attributes.RequiredSubgraph("then_branch", ThenBranch),
        ElseBranch = attributes.RequiredSubgraph("else_branch", ElseBranch),
    };

    internal override void Infer(Inference facts)
    {
        foreach (var branch in (Graph[])[ThenBranch, ElseBranch])
            if (branch.Outputs.Count != facts.OutputCount)
                throw facts.Refuse($"the branch '{branch.Name}' has {branch.Outputs.Count} outputs where the node has {facts.OutputCount}");
        // A branch that is not taken need not fit: graphs choose by rank or extent between branches that suit one of them only.
        var outputs = facts.Ints(0) switch
        {
            [0] => facts.Infer(ElseBranch, []),
            [_] => facts.Infer(ThenBranch, []),
            _ => FactLattice.Join(facts.Infer(ThenBranch, []), facts.Infer(ElseBranch, [])),
        };
        for (var i = 0; i < outputs.Count; i++)
            facts.Output(i, outputs[i]);
    }

    /// <summary>The branch that is taken; the dearer one when that is not known.</summary>
    internal override Cost Count(CostFacts facts) => facts.Ints(0) switch
    {
        [0] => facts.Of(ElseBranch),
        [_] => facts.Of(ThenBranch),
        _ => Dearer(facts.Of(ThenBranch), facts.Of(ElseBranch)),
    };

    private static Cost Dearer(Cost a, Cost b) => a.Flops is null || b.Flops is null ? Cost.Unknown : a.Flops >= b.Flops ? a : b;
}

/// <summary>
/// A subgraph run again and again: inputs are the most rounds (int64 scalar; left out means no limit), a condition (bool; left out means true)
/// and the values carried from round to round; outputs are the carried values after the last round, then what each round gave, stacked
/// along a new first axis (ONNX operator <c>Loop</c>).
/// </summary>
public sealed record Loop : Op
{
    /// <summary>
    /// One round: inputs are its number, the condition and the carried values; outputs are whether to go on, the carried values, and what to
    /// stack.
    /// </summary>
    public Graph Body { get; init; } = new("body");

    private protected override Op Through(AttributeVisitor attributes) => this with { Body = attributes.RequiredSubgraph("body", Body) };

    internal override void Infer(Inference facts)
    {
        var carried = facts.InputCount - 2;
        if (Body.Inputs.Count != carried + 2 || Body.Outputs.Count != facts.OutputCount + 1 || facts.OutputCount < carried)
            throw facts.Refuse($"with {carried} carried values and {facts.OutputCount} outputs the body needs {carried + 2} inputs and {facts.OutputCount + 1} outputs; it has {Body.Inputs.Count} and {Body.Outputs.Count}");
        var number = Fact.Tensor(DType.Int64, Shape.Scalar);
        var holds = Fact.Tensor(DType.Bool, Shape.Scalar, [1]);
        Fact[] initial = [.. Enumerable.Range(2, carried).Select(facts.Input)];
        // A round runs only while the condition holds; without one, the body may be handed whatever it gave.
        var outputs = facts.InferLoop(Body, [number, holds, .. initial], given => [number, facts.Has(1) ? holds : given[0], .. given.Skip(1).Take(carried)]);
        var rounds = CountRounds(facts, outputs[0]);
        for (var i = 0; i < facts.OutputCount; i++)
            facts.Output(i, i < carried ? ControlFlow.Final(rounds, initial[i], outputs[i + 1]) : ControlFlow.Stacked(facts, rounds, outputs[i + 1]));
    }

    private static Rounds CountRounds(Inference facts, Fact goOn)
    {
        // A number below zero means none, as zero does.
        var most = facts.Input(0).Elements is [var limit] ? limit.IsKnown ? Math.Max(limit.Value, 0) : limit : Dim.Unknown;
        var first = facts.Has(1) ? facts.Ints(1) : [1];
        if (first is [0] || most is { IsKnown: true, Value: 0 })
            return Rounds.Of(0);
        if (first is not [_])
            return Rounds.Of(Dim.Unknown);
        var goesOn = goOn.Ints is [not 0] || most is { IsKnown: true, Value: 1 };
        return new(goesOn ? most : Dim.Unknown, AtLeastOne: most.IsKnown || !facts.Has(0));
    }

    /// <summary>As many rounds as are allowed; exporters write the greatest number where there is no limit.</summary>
    internal override Cost Count(CostFacts facts) => facts.Ints(0) is [< int.MaxValue and var limit] ? Math.Max(limit, 0d) * facts.Of(Body) : Cost.Unknown;
}

/// <summary>
/// A subgraph run along an axis: inputs are N states, then M tensors, of which each round sees one slice; outputs are the states after the
/// last round, then what each round gave, stacked along an axis (ONNX operator <c>Scan</c>).
/// </summary>
public sealed record Scan : Op
{
    /// <summary>One round: inputs are the states and the slices, without the axis; outputs are the states and what to stack.</summary>
    public Graph Body { get; init; } = new("body");

    /// <summary>How many of the inputs, the last ones, are cut into slices.</summary>
    public long NumScanInputs { get; init; } = 1;

    /// <summary>For each of them, the axis that is cut, negative from the end; null means 0.</summary>
    public AttributeList<long>? ScanInputAxes { get; init; }

    /// <summary>For each of them, 0 from the first slice on, 1 from the last; null means 0.</summary>
    public AttributeList<long>? ScanInputDirections { get; init; }

    /// <summary>For each stacked output, the axis, negative from the end; null means 0.</summary>
    public AttributeList<long>? ScanOutputAxes { get; init; }

    /// <summary>For each stacked output, 0 to append the rounds, 1 to prepend them; null means 0.</summary>
    public AttributeList<long>? ScanOutputDirections { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Body = attributes.RequiredSubgraph("body", Body),
        NumScanInputs = attributes.RequiredInt("num_scan_inputs", NumScanInputs),
        ScanInputAxes = attributes.Ints("scan_input_axes", ScanInputAxes),
        ScanInputDirections = attributes.Ints("scan_input_directions", ScanInputDirections),
        ScanOutputAxes = attributes.Ints("scan_output_axes", ScanOutputAxes),
        ScanOutputDirections = attributes.Ints("scan_output_directions", ScanOutputDirections),
    };

    internal override void Infer(Inference facts)
    {
        if (NumScanInputs < 1 || NumScanInputs > facts.InputCount)
            throw facts.Refuse($"num_scan_inputs {NumScanInputs} is outside 1 to {facts.InputCount}");
        var states = facts.InputCount - (int)NumScanInputs;
        RequireLists(facts, states);
        var (slices, rounds) = Slice(facts, states);
        Fact[] initial = [.. Enumerable.Range(0, states).Select(facts.Input)];
        var outputs = facts.InferLoop(Body, [.. initial, .. slices], given => [.. given.Take(states), .. slices]);
        for (var i = 0; i < facts.OutputCount; i++)
            facts.Output(i, i < states ? ControlFlow.Final(rounds, initial[i], outputs[i]) : ControlFlow.Stacked(facts, rounds, outputs[i], ScanOutputAxes?[i - states] ?? 0));
    }

    private (Fact[] Slices, Rounds Rounds) Slice(Inference facts, int states)
    {
        var (slices, length) = (new Fact[NumScanInputs], Dim.Unknown);
        for (var i = 0; i < slices.Length; i++)
        {
            slices[i] = Fact.Tensor(facts.DType(states + i));
            if (facts.Shape(states + i) is not { } shape)
                continue;
            var axis = facts.Axis(ScanInputAxes?[i] ?? 0, shape.Rank);
            length = facts.Same(length, shape[axis], $"the extent of axis {axis} of input {states + i}, and those of the inputs before");
            slices[i] = Fact.Tensor(facts.DType(states + i), new([.. shape.Where((_, at) => at != axis)]));
        }
        return (slices, Rounds.Of(length));
    }

    private void RequireLists(Inference facts, int states)
    {
        if (Body.Outputs.Count != facts.OutputCount || facts.OutputCount < states)
            throw facts.Refuse($"the body has {Body.Outputs.Count} outputs where the node has {facts.OutputCount}, of them {states} states");
        RequireLength(facts, "scan_input_axes", ScanInputAxes, NumScanInputs);
        RequireLength(facts, "scan_input_directions", ScanInputDirections, NumScanInputs);
        RequireLength(facts, "scan_output_axes", ScanOutputAxes, facts.OutputCount - states);
        RequireLength(facts, "scan_output_directions", ScanOutputDirections, facts.OutputCount - states);
        if (ScanInputDirections?.Any(IsNoDirection) == true || ScanOutputDirections?.Any(IsNoDirection) == true)
            throw facts.Refuse("a direction is neither 0 nor 1");
    }

    private static bool IsNoDirection(long direction) => direction is not (0 or 1);

    private static void RequireLength(Inference facts, string name, AttributeList<long>? list, long length)
    {
        if (list is not null && list.Count != length)
            throw facts.Refuse($"{name} has {list.Count} numbers where {length} are needed");
    }

    internal override Cost Count(CostFacts facts)
    {
        var first = facts.InputCount - (int)NumScanInputs;
        return facts.Extent(first, (int)(ScanInputAxes?[0] ?? 0)) * facts.Of(Body);
    }
}
