using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>The nodes of a model that nothing here computes.</summary>
internal static class MissingKernels
{
    /// <summary>Operator by operator, each with all its nodes: <c>QLinearConv (QLinearConv 'conv1', QLinearConv 'conv2')</c>; empty when there is none.</summary>
    public static IReadOnlyList<string> Of(Model model) => List(model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.Nodes).Where(IsMissing), Reason);

    /// <summary>As <see cref="Of"/>, of the nodes that a run on a GPU would have it compute and that nothing here computes there.</summary>
    public static IReadOnlyList<string> OnGpu(Model model)
    {
        var forms = new GpuForms(model.Graph);
        return List(forms.Nodes.Where(node => forms.Missing(node) is not null), node => forms.Missing(node) is { Length: > 0 } part ? $", which is made of {part}" : "");
    }

    private static IReadOnlyList<string> List(IEnumerable<Node> nodes, Func<Node, string> reason) =>
    [
        .. nodes.GroupBy(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}")
            .Select(group => $"{group.Key} ({string.Join(", ", group.Select(node => node.Title))}){reason(group.First())}"),
    ];

    private static bool IsMissing(Node node) => OpTable.Find(node.Domain, node.OpType) is not { } entry
        || !(entry.Blank is If or Loop or Scan || KernelTable.Has(entry.Domain, entry.Name));

    private static string Reason(Node node) => OpTable.WhyNot(node.Domain, node.OpType) is { } reason ? $": {reason.TrimEnd('.')}" : "";
}
