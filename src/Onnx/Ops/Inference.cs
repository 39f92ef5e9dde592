namespace Anneal.Onnx.Ops;

/// <summary>What an operator sees while it infers: the facts of its inputs, and a place for those of its outputs.</summary>
internal sealed class Inference(string title, IReadOnlyList<Fact?> inputs, int outputCount, GraphFacts graph)
{
    private readonly Fact[] _outputs = [.. Enumerable.Repeat(Fact.Unknown, outputCount)];

    /// <summary>How errors name the node.</summary>
    public string Title => title;

    /// <summary>How many inputs the node lists, those left out included.</summary>
    public int InputCount => inputs.Count;

    /// <summary>How many outputs the node lists.</summary>
    public int OutputCount => outputCount;

    /// <summary>What was worked out, one fact for each output.</summary>
    public IReadOnlyList<Fact> Outputs => _outputs;

    /// <summary>Whether an input is there.</summary>
    public bool Has(int index) => index < inputs.Count && inputs[index] is not null;

    /// <summary>The fact of an input; nothing is known of one that is left out.</summary>
    public Fact Input(int index) => index < inputs.Count ? inputs[index] ?? Fact.Unknown : Fact.Unknown;

    public DType DType(int index) => Input(index).DType;

    public Shape? Shape(int index) => Input(index).Shape;

    public int? Rank(int index) => Input(index).Shape?.Rank;

    /// <summary>The numbers in an input, or null when they are not all known.</summary>
    public IReadOnlyList<long>? Ints(int index) => Input(index).Ints;

    public void Output(int index, Fact fact)
    {
        if (index < _outputs.Length)
            _outputs[index] = fact;
    }

    public void Output(int index, DType dtype, Shape? shape, IReadOnlyList<Dim>? elements = null) => Output(index, Fact.Tensor(dtype, shape, elements));

    /// <summary>What a subgraph gives for these inputs.</summary>
    public IReadOnlyList<Fact> Infer(Graph subgraph, IReadOnlyList<Fact> given) => graph.InferSubgraph(subgraph, given);

    /// <summary>What the body of a loop gives in every round; see <see cref="GraphFacts.InferLoop"/>.</summary>
    public IReadOnlyList<Fact> InferLoop(Graph body, IReadOnlyList<Fact> first, Func<IReadOnlyList<Fact>, IReadOnlyList<Fact>> next) =>
        graph.InferLoop(body, first, next);

    /// <summary>An axis from 0 on; negative ones count from the end.</summary>
    /// <exception cref="ShapeMismatchException">There is no such axis.</exception>
    public int Axis(long axis, int rank)
    {
        var counted = axis < 0 ? axis + rank : axis;
        return counted >= 0 && counted < rank
            ? (int)counted
            : throw Refuse($"axis {axis} is outside -{rank} to {rank - 1} of a tensor with {rank} axes");
    }

    /// <summary>The shape that two shapes have after broadcasting (ONNX, "Broadcasting in ONNX"); null when a rank is not known.</summary>
    /// <exception cref="ShapeMismatchException">Two extents differ and neither is 1.</exception>
    public Shape? Broadcast(Shape? a, Shape? b)
    {
        if (a is null || b is null)
            return null;
        var dims = new Dim[Math.Max(a.Rank, b.Rank)];
        for (var i = 1; i <= dims.Length; i++)
            dims[^i] = Broadcast(i > a.Rank ? 1 : a[a.Rank - i], i > b.Rank ? 1 : b[b.Rank - i], a, b);
        return new(dims);
    }

    /// <summary>One extent that two facts agree on: the better known of the two.</summary>
    /// <exception cref="ShapeMismatchException">Both are known and differ.</exception>
    public Dim Same(Dim a, Dim b, string what) => (a.IsKnown, b.IsKnown) switch
    {
        (true, true) when a.Value != b.Value => throw Refuse($"{what}: {a} and {b} should be equal"),
        (true, _) => a,
        (_, true) => b,
        _ => a.IsUnknown ? b : a,
    };

    /// <summary>An error that names the node and its inputs.</summary>
    public ShapeMismatchException Refuse(string what) =>
        new($"{title}: {what} ({string.Join(", ", inputs.Select((fact, i) => $"input {i}: {fact?.ToString() ?? "left out"}"))}).");

    private Dim Broadcast(Dim a, Dim b, Shape left, Shape right)
    {
        if (a == b && !a.IsUnknown)
            return a;
        if (a.IsKnown && b.IsKnown && a.Value != 1 && b.Value != 1)
            throw Refuse($"{left} and {right} cannot be broadcast: {a} and {b} differ and neither is 1");
        if (a is { IsKnown: true, Value: not 1 })
            return a;
        if (b is { IsKnown: true, Value: not 1 })
            return b;
        if (a.IsKnown)
            return b;
        return b.IsKnown ? a : Dim.Unknown;
    }
}
