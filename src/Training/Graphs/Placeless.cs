using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Graphs;

/// <summary>
/// The values of a graph that follow from its file and from shapes alone: they have no place of their own, and go where the other inputs of a node live. What is
/// learned or given has one, and is never moved in silence.
/// </summary>
internal static class Placeless
{
    /// <param name="graph">The graph; its subgraphs count with it.</param>
    /// <param name="hasPlace">Whether a constant lives somewhere, as a parameter does.</param>
    public static IReadOnlySet<Value> Of(Graph graph, Func<Value, bool> hasPlace)
    {
        var placeless = new HashSet<Value>();
        Follow(graph, hasPlace, placeless);
        return placeless;
    }

    private static void Follow(Graph graph, Func<Value, bool> hasPlace, HashSet<Value> placeless)
    {
        placeless.UnionWith(graph.Initializers.Where(value => !value.IsInput && !hasPlace(value)));
        foreach (var node in graph.Nodes)
        {
            if (node.Calls("Loop"))
                placeless.UnionWith(node.Subgraphs.SelectMany(body => body.Inputs.Take(2)));
            foreach (var subgraph in node.Subgraphs)
                Follow(subgraph, hasPlace, placeless);
            if (!node.Subgraphs.Any() && node.Inputs.Index().All(input => input.Item is null || placeless.Contains(input.Item) || Steering.Reads(node, input.Index)))
                placeless.UnionWith(node.Outputs.OfType<Value>());
        }
    }
}
