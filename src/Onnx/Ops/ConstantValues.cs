namespace Anneal.Onnx.Ops;

/// <summary>Which values of a graph depend on constants alone: initializers, also those a caller could replace, and what is computed of them.</summary>
internal sealed class ConstantValues
{
    private readonly HashSet<Node> _nodes = [];
    private readonly HashSet<Value> _values = [];

    public ConstantValues(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            if (!DependsOnConstantsAlone(node))
                continue;
            _nodes.Add(node);
            _values.UnionWith(node.Outputs.OfType<Value>());
        }
    }

    public bool Contains(Node node) => _nodes.Contains(node);

    public bool Contains(Value value) => value.Initializer is not null || value.SparseInitializer is not null || _values.Contains(value);

    // A subgraph may use anything around it, an unknown operator may read a clock, and random numbers are new in each run.
    private bool DependsOnConstantsAlone(Node node) => OpTable.Find(node.Domain, node.OpType) is { Blank.IsRandom: false }
        && !node.Subgraphs.Any() && node.Inputs.All(input => input is null || Contains(input));
}
