using Anneal.Onnx;

namespace Anneal.Training.Graphs;

/// <summary>Which values of a graph nobody reads any more once a node has run: so much less memory does a run take that records nothing.</summary>
internal static class Lifetimes
{
    /// <summary>For each node, the values made by nodes of this graph that go after it; outputs of the graph stay.</summary>
    public static Value[][] Of(Graph graph)
    {
        var last = new Dictionary<Value, int>();
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var value in Touched(graph.Nodes[i]))
                if (value.Producer?.Graph == graph && !value.OutputOf.Contains(graph))
                    last[value] = i;
        var ending = last.ToLookup(pair => pair.Value, pair => pair.Key);
        return [.. Enumerable.Range(0, graph.Nodes.Count).Select(i => ending[i].ToArray())];
    }

    /// <summary>What a node makes, reads, and reads inside its subgraphs.</summary>
    private static IEnumerable<Value> Touched(Node node) =>
        node.Outputs.Concat(node.Inputs).OfType<Value>().Concat(node.Subgraphs.SelectMany(subgraph => subgraph.Captures()));
}
