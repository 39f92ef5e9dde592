using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Follows the pictures from inputs to outputs, node by node: the shapes with an open batch by inference, the place of the pictures by
/// <see cref="BatchRules"/>. Both must agree. Nothing is changed; what is to be changed is noted.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="fixedFacts">What holds while the batch is 1; for what does not depend on the batch, it holds for every batch.</param>
/// <param name="batch">The number of pictures.</param>
internal sealed class BatchWalk(Graph graph, GraphFacts fixedFacts, Dim batch)
{
    private readonly Dictionary<Value, Fact> _facts = [];
    private readonly Dictionary<Value, BatchPlace> _places = [];
    private readonly List<(Node Reshape, long[] Shape)> _reshapes = [];

    /// <summary>The values that hold pictures, each with their axis.</summary>
    public IEnumerable<(Value Value, int Axis)> Pictures => _places.Where(pair => pair.Value.Kind == BatchKind.Along).Select(pair => (pair.Key, pair.Value.Axis));

    /// <summary>The Reshape nodes that need another shape.</summary>
    public IReadOnlyList<(Node Reshape, long[] Shape)> Reshapes => _reshapes;

    /// <summary>Says that an input holds pictures, at axis 0.</summary>
    public void Open(Value input)
    {
        var type = (TensorType)input.Type!;
        _facts[input] = Fact.Tensor(type.ElementType, type.Shape!.With(0, batch));
        _places[input] = BatchPlace.Along(0);
    }

    /// <summary>Follows the pictures to the outputs.</summary>
    /// <exception cref="AnnealException">A node mixes pictures, or it cannot be proven that it does not; or an output does not hold them at axis 0.</exception>
    public void Run()
    {
        foreach (var node in graph.Nodes)
            if (node.Inputs.OfType<Value>().Concat(node.Subgraphs.SelectMany(subgraph => subgraph.Captures())).Any(value => PlaceOf(value) != BatchPlace.Shared))
                Visit(node);
        foreach (var output in graph.Outputs)
            if (PlaceOf(output) != BatchPlace.Along(0))
                throw new AnnealException($"The batch cannot be freed: output '{output.Name}' of {output.Producer?.Title ?? "the graph"} does not hold one slice for each picture along its first axis.");
    }

    private BatchPlace PlaceOf(Value? value) => value is null ? BatchPlace.Shared : _places.GetValueOrDefault(value);

    private Fact FactOf(Value value) => _facts.GetValueOrDefault(value) ?? fixedFacts[value];

    private void Visit(Node node)
    {
        if (node.Subgraphs.Any() || OpTable.Find(node.Domain, node.OpType) is not { } entry)
            throw new AnnealException($"{node.Title}: the batch cannot be freed: there is no proof that it treats each picture alone.");
        BatchPlace[] places = [.. node.Inputs.Select(PlaceOf)];
        var step = Infer(node, entry.Read(node), [.. node.Inputs.Select(value => value is null ? null : FactOf(value))], places);
        if (step.Op is Reshape reshape && Reshaped(node, reshape, step) is { } shape)
        {
            _reshapes.Add((node, shape));
            step = Infer(node, reshape, [FactOf(node.Inputs[0]!), Fact.Of(TensorData.Create("", shape, shape.Length))], [places[0], BatchPlace.Shared]);
        }
        for (var i = 0; i < node.Outputs.Count; i++)
            if (node.Outputs[i] is { } output)
                (_facts[output], _places[output]) = (step.Facts.Outputs[i], Place(step, step.Facts.Outputs[i]));
    }

    private BatchStep Infer(Node node, Op op, Fact?[] inputs, BatchPlace[] places)
    {
        var facts = new Inference(node.Title, inputs, node.Outputs.Count, fixedFacts);
        op.Infer(facts);
        return new(op, facts, places);
    }

    private BatchPlace Place(BatchStep step, Fact output)
    {
        if (step.Op is ShapeOf or Size || !step.Places.Any(place => place.Kind == BatchKind.Along))
            return Counted(step, output);
        var axis = BatchRules.AxisOf(step);
        return IsAlong(output, axis) ? BatchPlace.Along(axis) : throw step.Refuse($"its output {output} should have {batch} at axis {axis} and nowhere else");
    }

    /// <summary>The place of a value that depends on the number of pictures alone.</summary>
    private BatchPlace Counted(BatchStep step, Fact output)
    {
        if (output.Ints is not null || output.Constant is not null)
            return BatchPlace.Shared;
        if (output.Shape is { IsStatic: true })
            return BatchPlace.Counted;
        var axis = output.Shape?.ToList().IndexOf(batch) ?? -1;
        return axis >= 0 && IsAlong(output, axis) && BatchRules.Repeats(step.Op, step.Places)
            ? BatchPlace.Along(axis)
            : throw step.Refuse("it computes with the number of pictures");
    }

    private bool IsAlong(Fact fact, int axis) => fact.Shape is { } shape && axis < shape.Rank && shape[axis] == batch && shape.Count(dim => dim == batch) == 1;

    /// <summary>The shape that a Reshape to a constant shape needs so that it holds for any batch; null when it does already, or is not constant.</summary>
    private long[]? Reshaped(Node node, Reshape reshape, BatchStep step)
    {
        if (step.Places[0].Kind != BatchKind.Along || step.Places[1].Kind != BatchKind.Shared || step.Facts.Ints(1) is not { } asked)
            return null;
        var (at, from) = (step.Places[0].Axis, step.Facts.Shape(0)!);
        if (step.Facts.Outputs[0].Shape?.Contains(batch) == true || fixedFacts[node.Outputs[0]!].Shape is not { IsStatic: true } known)
            return null;
        int[] axes = [.. BatchRules.Regrouped(dim => dim == 1, known, from.Take(at))];
        if (axes.Length == 0)
            throw step.Refuse($"its output {known} has no axis of its own for the pictures");
        var axis = axes.Contains(at) ? at : axes[0];
        // A 0 takes over the extent of the same axis; where that will not do, all other extents must be numbers, and -1 is what remains.
        var isTakenOver = axis == at && !reshape.AllowZero;
        return [.. asked.Select((extent, i) => i == axis ? (isTakenOver ? 0 : -1) : isTakenOver ? extent : known[i].Value)];
    }
}
