namespace Anneal.Onnx.Checks;

/// <summary>Finds functions that call themselves, straight or through others. The path walked is kept in a list, so that no chain of calls can exhaust the stack.</summary>
internal static class RecursionCheck
{
    public static void Run(IEnumerable<Function> functions, IReadOnlyDictionary<FunctionKey, Function> byKey, FaultReport report)
    {
        var finished = new HashSet<Function>();
        foreach (var function in functions)
            Walk(function, byKey, finished, report);
    }

    private static void Walk(Function start, IReadOnlyDictionary<FunctionKey, Function> byKey, HashSet<Function> finished, FaultReport report)
    {
        if (finished.Contains(start))
            return;
        var path = new Stack<(Function Function, IEnumerator<Function> Calls)>();
        var onPath = new HashSet<Function> { start };
        path.Push((start, Calls(start, byKey)));
        while (path.TryPeek(out var top))
        {
            if (!top.Calls.MoveNext())
            {
                path.Pop();
                onPath.Remove(top.Function);
                finished.Add(top.Function);
            }
            else if (onPath.Contains(top.Calls.Current))
            {
                report.Add(CheckRules.FunctionRecursive, $"function {top.Function}", $"It calls {FaultReport.Clip(top.Calls.Current.ToString())}, which leads back to it.");
            }
            else if (!finished.Contains(top.Calls.Current))
            {
                onPath.Add(top.Calls.Current);
                path.Push((top.Calls.Current, Calls(top.Calls.Current, byKey)));
            }
        }
    }

    private static IEnumerator<Function> Calls(Function function, IReadOnlyDictionary<FunctionKey, Function> byKey) => function.Body.SelfAndSubgraphs()
        .SelectMany(graph => graph.Nodes)
        .Select(node => byKey.GetValueOrDefault(FunctionKey.Of(node)))
        .OfType<Function>()
        .Distinct()
        .GetEnumerator();
}
