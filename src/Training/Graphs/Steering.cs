using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training.Graphs;

/// <summary>What of a graph only steers its operators: shapes, axes, indices, conditions. The host reads it, so that it is best left on the processor.</summary>
internal static class Steering
{
    /// <summary>Whether a node's input is read by the host (<see cref="Kernel.IsReadByHost"/>); a loop's limit and a branch's condition are too.</summary>
    public static bool Reads(Node node, int input) => OpTable.Find(node.Domain, node.OpType) is { } entry
        && (entry.Blank switch
        {
            If => input == 0,
            Loop => input < 2,
            _ => KernelTable.Has(entry.Domain, entry.Name) && KernelTable.Find(entry.Blank).IsReadByHost(input),
        });

    /// <summary>The values that the host alone reads, directly or by what is made of them.</summary>
    public static IReadOnlySet<Value> Of(Graph graph)
    {
        var steering = new HashSet<Value>();
        Follow(graph, steering);
        steering.UnionWith(graph.SelfAndSubgraphs().SelectMany(g => g.Initializers).Where(value => Steers(value, steering)));
        return steering;
    }

    /// <summary>Latest node first, so that all that reads a value has been seen before it.</summary>
    private static void Follow(Graph graph, HashSet<Value> steering)
    {
        foreach (var node in graph.Nodes.Reverse())
        {
            foreach (var subgraph in node.Subgraphs)
                Follow(subgraph, steering);
            steering.UnionWith(node.Outputs.OfType<Value>().Where(value => Steers(value, steering)));
        }
    }

    private static bool Steers(Value value, HashSet<Value> steering) => value.OutputOf.Count == 0 && value.Uses.Count > 0
        && value.Uses.All(use => Reads(use.Node, use.Index) || (!use.Node.Subgraphs.Any() && use.Node.Outputs.All(output => output is null || steering.Contains(output))));
}
