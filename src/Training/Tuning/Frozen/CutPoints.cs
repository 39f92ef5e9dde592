using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>
/// Where a graph can be cut at one value. A walk through its nodes in order knows at each place which values that depend on the inputs are still to be
/// used. A value that everything goes through is alone at the place behind its node, in whatever order the file has the nodes: every node on a way past it
/// is before it or behind it.
/// </summary>
internal sealed class CutPoints
{
    private readonly Graph _graph;
    private readonly Node[] _nodes;
    private readonly HashSet<Value> _data;
    private readonly Dictionary<Value, int> _lastUse = [];

    /// <summary>Looks through a graph.</summary>
    /// <exception cref="InvalidModelException">A node comes before one that it needs.</exception>
    public CutPoints(Graph graph)
    {
        var needed = new NeededNodes([graph]);
        (_graph, _nodes, _data) = (graph, [.. graph.Nodes.Where(needed.Contains)], [.. graph.RequiredInputs]);
        var made = new HashSet<Node>();
        foreach (var (place, node) in _nodes.Index())
        {
            foreach (var input in Leftovers.Inputs(node))
                Use(input, node, place, made);
            if (Leftovers.Inputs(node).Any(_data.Contains) || OpTable.Find(node.Domain, node.OpType)?.Blank.IsRandom == true)
                _data.UnionWith(node.Outputs.OfType<Value>());
            made.Add(node);
        }
        foreach (var output in graph.Outputs)
            _lastUse[output] = int.MaxValue;
    }

    /// <summary>Whether a value depends on the inputs.</summary>
    public bool IsData(Value value) => _data.Contains(value);

    /// <summary>The nodes that the outputs need and that depend on the inputs, in order, each with the values that are still to be used behind it.</summary>
    public IEnumerable<(Node Node, IReadOnlyCollection<Value> Open)> Walk()
    {
        var open = _graph.RequiredInputs.Where(_lastUse.ContainsKey).ToHashSet();
        foreach (var (place, node) in _nodes.Index())
        {
            var outputs = node.Outputs.OfType<Value>().Where(_data.Contains).ToList();
            if (outputs.Count == 0)
                continue;
            open.UnionWith(outputs.Where(_lastUse.ContainsKey));
            open.RemoveWhere(value => _lastUse[value] <= place);
            yield return (node, open);
        }
    }

    private void Use(Value value, Node user, int place, HashSet<Node> made)
    {
        if (value.Producer is { } producer && value.Graph == _graph && !made.Contains(producer))
            throw new InvalidModelException($"{user.Title} comes before {producer.Title}, whose '{value.Name}' it takes: the nodes are out of order.");
        _lastUse[value] = place;
    }
}
