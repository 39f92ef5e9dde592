using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Folding;

/// <summary>Folds the nodes of graphs by the rules of <see cref="FoldConstants"/>.</summary>
internal sealed class NodeFolder(GraphFacts facts, IConstantEvaluator? evaluator, OperatorSets operatorSets, FoldingRoom room)
{
    // What a runtime is given at once; one node on the largest weights is not worth a copy of them.
    private const long MostBytesGiven = 64 << 20;

    private static readonly HashSet<string> NotEvaluated = [.. Randomness.Entries.Select(entry => entry.Name), nameof(DequantizeLinear)];

    private readonly Dictionary<Value, TensorData> _folded = [];

    /// <summary>Rules 1 to 4 on the nodes of one graph; the graphs around it come before it.</summary>
    public bool Fold(Graph graph)
    {
        var constants = new Dictionary<Node, IReadOnlyList<TensorData?>>();
        foreach (var node in graph.Nodes)
        {
            if (node.Outputs.Any(output => output is { IsOutput: true }) || OpTable.Find(node.Domain, node.OpType) is not { } entry || Fold(node, entry.Read(node)) is not { } tensors)
                continue;
            constants.Add(node, tensors);
            foreach (var (output, tensor) in node.Outputs.Zip(tensors))
                if (output is not null)
                    _folded[output] = tensor!;
        }
        graph.MakeConstant(constants);
        return constants.Count > 0;
    }

    /// <summary>Rule 5.</summary>
    public bool FixShape(Node node)
    {
        if (OpTable.Find(node.Domain, node.OpType)?.Read(node) is not Reshape reshape || node.Input(1) is not { IsConstant: false } shape)
            return false;
        if (facts[shape] is not { Ints: null, Elements: { } asked } || ReshapeTarget.Find(reshape, facts[node.Inputs[0]!].Shape, asked) is not { } target)
            return false;
        var graph = node.Graph!;
        node.SetInput(1, graph.AddInitializer(TensorData.Create(graph.UniqueName(shape.Name + "_known"), target, target.Length)));
        return true;
    }

    private IReadOnlyList<TensorData?>? Fold(Node node, Op op) => op is Constant constant
        ? constant.Dense() is { } dense ? [dense] : null
        : Inferred(node) ?? Moved(node, op) ?? Evaluated(node);

    /// <summary>Rule 2.</summary>
    private List<TensorData?>? Inferred(Node node)
    {
        var tensors = new List<TensorData?>();
        foreach (var output in node.Outputs)
        {
            var tensor = output is null ? null : facts[output].Constant ?? IntegerTensor.Of(facts[output]);
            if (output is not null && (tensor is not { HasElements: true } || !room.Holds(tensor.DType, tensor.Type.Shape)))
                return null;
            tensors.Add(tensor);
        }
        return tensors.OfType<TensorData>().All(room.Take) ? tensors : null;
    }

    /// <summary>Rule 3.</summary>
    private TensorData?[]? Moved(Node node, Op op)
    {
        if (node.Outputs is not [{ } output] || !room.Holds(facts[output].DType, facts[output].Shape) || Known(node) is not { } inputs)
            return null;
        return ExactMoves.Apply(op, inputs, facts[output]) is { } tensor && room.Take(tensor) ? [tensor] : null;
    }

    /// <summary>Rule 4.</summary>
    private IReadOnlyList<TensorData?>? Evaluated(Node node)
    {
        if (evaluator is null || NotEvaluated.Contains(node.OpType) || node.Subgraphs.Any() || node.Inputs.Count == 0 || Known(node) is not { } inputs)
            return null;
        if (inputs.Sum(input => input?.DType.ByteLength(input.ElementCount) ?? 0) > MostBytesGiven || !node.Outputs.OfType<Value>().All(output => room.Holds(facts[output].DType, facts[output].Shape)))
            return null;
        var tensors = evaluator.Evaluate(node, inputs, operatorSets);
        return tensors is not null && tensors.OfType<TensorData>().All(room.Take) ? tensors : null;
    }

    /// <summary>The inputs as tensors, null for those left out; null altogether when one is not constant.</summary>
    private TensorData?[]? Known(Node node)
    {
        var tensors = new TensorData?[node.Inputs.Count];
        for (var i = 0; i < tensors.Length; i++)
            if (node.Inputs[i] is { } value && (tensors[i] = Known(value)) is not { HasElements: true, Segment: null })
                return null;
        return tensors;
    }

    private TensorData? Known(Value value) => value.IsConstant ? value.Initializer : _folded.GetValueOrDefault(value);
}
