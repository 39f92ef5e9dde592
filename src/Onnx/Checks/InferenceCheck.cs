using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Checks;

/// <summary>What needs types and shapes: whether nodes fit their inputs, and whether declared types are true. Only a model without other errors is worth it.</summary>
internal static class InferenceCheck
{
    public static void Run(Model model, FaultReport report)
    {
        if (report.HasErrors)
            return;
        var scope = new CheckScope(model, new Dictionary<FunctionKey, Function>(), report, model.OperatorSets, "");
        if (Outdated(model, scope) is { } node)
            report.Add(CheckRules.NotInferred, scope.Where(node), $"Its operator has changed since version {scope.Version(node.Domain)}; types and shapes were not checked. Upgrade the model to check them.");
        else
            Infer(model, scope);
    }

    private static void Infer(Model model, CheckScope scope)
    {
        var refused = new HashSet<Node>();
        var facts = GraphFacts.Infer(model.Graph, null, (node, error) =>
        {
            // The body of a loop is gone through several times.
            if (refused.Add(node))
                scope.Report.Add(CheckRules.Misfit, scope.Where(node), error.Message);
        });
        foreach (var value in model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.Values))
            if (value.StatedType is { } stated && facts[value].Type is { } known && TypeFit.Contradiction(stated, known) is { } contradiction)
                scope.Report.Add(CheckRules.DeclaredType, scope.Where(value), contradiction);
    }

    private static Node? Outdated(Model model, CheckScope scope) => model.Graph.SelfAndSubgraphs()
        .SelectMany(graph => graph.Nodes)
        .FirstOrDefault(node => OpTable.Find(node.Domain, node.OpType) is { } entry && !CheckScope.IsCurrent(entry, scope.Version(node.Domain) ?? 0));
}
