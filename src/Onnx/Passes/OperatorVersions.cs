using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>Whether a model means what the operator records mean, which know each operator in its current version only.</summary>
internal static class OperatorVersions
{
    /// <summary>The first node whose operator the model's operator set has in an older version; null when there is none.</summary>
    public static Node? FirstOlderNode(this Model model) => model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.Nodes).FirstOrDefault(node => IsOlder(node, model));

    private static bool IsOlder(Node node, Model model) =>
        OpTable.Find(node.Domain, node.OpType) is { } entry && (model.OperatorSets[node.Domain] ?? 0) < entry.Since[^1];
}
