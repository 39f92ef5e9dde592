namespace Anneal.Onnx.Passes;

/// <summary>
/// The nodes that outputs of graphs need: found from the outputs back through what makes each value, and into the subgraphs of the nodes on the
/// way. A list of what is still to be looked at stands in for the stack, so that no depth of a graph matters, nor the order of its nodes.
/// </summary>
internal sealed class NeededNodes
{
    private readonly HashSet<Node> _needed = [];
    private readonly Stack<Value> _waiting = [];

    /// <summary>Finds what the outputs of these graphs need.</summary>
    public NeededNodes(IEnumerable<Graph> graphs)
    {
        foreach (var graph in graphs)
            Need(graph);
        while (_waiting.TryPop(out var value))
            if (value.Producer is { } node && _needed.Add(node))
                Need(node);
    }

    /// <summary>Whether a node is needed.</summary>
    public bool Contains(Node node) => _needed.Contains(node);

    private void Need(Node node)
    {
        foreach (var input in node.Inputs)
            if (input is not null)
                _waiting.Push(input);
        foreach (var subgraph in node.Subgraphs)
            Need(subgraph);
    }

    private void Need(Graph graph)
    {
        foreach (var output in graph.Outputs)
            _waiting.Push(output);
    }
}
