using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes.Decompositions;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Rewrites operators that the specification defines by others into those others, in the main graph and its subgraphs.
/// <list type="number">
/// <item>A node of an operator that <see cref="DecompositionTable"/> lists becomes the nodes that compute the same; its outputs keep their names and
/// types, and the new values and nodes are called <c>node/part</c>.</item>
/// <item>Extents that are known before running become constants; others are worked out in the graph, so that it stays exact for every shape.</item>
/// <item>Functions of the model are inlined before (<see cref="InlineFunctions"/>): of what stands in their bodies too little is known, so it is left
/// alone.</item>
/// </list>
/// A node of which too little is known (a mask without a type, an input without a rank) is refused.
/// </summary>
public sealed class Decompose : IPass
{
    /// <inheritdoc/>
    public string Name => "decompose";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Graph[] graphs = [.. model.Graph.SelfAndSubgraphs().Where(graph => graph.Nodes.Any(IsComposite))];
        if (graphs.Length == 0)
            return false;
        var facts = GraphFacts.Infer(model.Graph);
        var (values, nodes) = (FreeNames.OfValues(model.Graph), FreeNames.OfNodes(model.Graph));
        foreach (var graph in graphs)
        {
            var order = new List<Node>();
            foreach (var node in graph.Nodes.ToArray())
                if (IsComposite(node))
                    order.AddRange(Rewrite(new(node, facts, values, nodes)));
                else
                    order.Add(node);
            graph.Arrange(order);
        }
        return true;

        bool IsComposite(Node node) => DecompositionTable.Find(node) is not null && model.Functions.All(function => !Names(function, node));
    }

    /// <summary>Rule 1.</summary>
    private static IReadOnlyList<Node> Rewrite(Replacement replacement)
    {
        DecompositionTable.Find(replacement.Node)!(replacement);
        return replacement.Written;
    }

    /// <summary>Whether a function of the model says itself what the node does.</summary>
    private static bool Names(Function function, Node node) => function.Name == node.OpType && function.Overload == node.Overload
        && OperatorSets.Normalise(function.Domain) == OperatorSets.Normalise(node.Domain);
}
