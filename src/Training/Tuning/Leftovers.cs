using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>
/// What a graph's outputs need before it is changed, so that afterwards just that can go which the change has made idle: what nothing used before is left
/// as it was.
/// </summary>
internal sealed class Leftovers
{
    private readonly Graph _graph;
    private readonly HashSet<Node> _needed;
    private readonly Value[] _used;

    public Leftovers(Graph graph)
    {
        var needed = new NeededNodes([graph]);
        (_graph, _needed) = (graph, [.. graph.Nodes.Where(needed.Contains)]);
        _used = [.. graph.Values.Where(value => value.Producer is null && !value.IsUnused)];
    }

    /// <summary>Removes nodes, constants and inputs that were used and are not any more.</summary>
    public void Remove()
    {
        var needed = new NeededNodes([_graph]);
        var leaving = new HashSet<Node>();
        foreach (var node in _graph.Nodes)
            if (!needed.Contains(node) && (_needed.Contains(node) || Inputs(node).Any(input => input.Producer is { } before && leaving.Contains(before))))
                leaving.Add(node);
        _graph.RemoveNodes(leaving.Contains);
        foreach (var value in _used)
            if (value is { IsUnused: true, Graph: not null })
                Remove(value);
    }

    /// <summary>The values that a node and the subgraphs in it take from the graph.</summary>
    public static IEnumerable<Value> Inputs(Node node) => node.Inputs.OfType<Value>().Concat(node.Subgraphs.SelectMany(subgraph => subgraph.Captures()));

    private void Remove(Value value)
    {
        var hasConstant = value.Initializer is not null || value.SparseInitializer is not null;
        if (value.IsInput)
            _graph.RemoveInput(value);
        if (hasConstant)
            _graph.SetInitializer(value, null);
    }
}
