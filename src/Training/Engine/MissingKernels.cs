using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>The nodes of a model that nothing here computes.</summary>
internal static class MissingKernels
{
    /// <summary>Operator by operator, each with all its nodes: <c>QLinearConv (QLinearConv 'conv1', QLinearConv 'conv2')</c>; empty when there is none.</summary>
    public static IReadOnlyList<string> Of(Model model) =>
    [
        .. model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.Nodes).Where(IsMissing)
            .GroupBy(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}")
            .Select(nodes => $"{nodes.Key} ({string.Join(", ", nodes.Select(node => node.Title))}){Reason(nodes.First())}"),
    ];

    private static bool IsMissing(Node node) => OpTable.Find(node.Domain, node.OpType) is not { } entry
        || !(entry.Blank is If or Loop or Scan || KernelTable.Has(entry.Domain, entry.Name));

    private static string Reason(Node node) => OpTable.WhyNot(node.Domain, node.OpType) is { } reason ? $": {reason.TrimEnd('.')}" : "";
}
