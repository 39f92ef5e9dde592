namespace Anneal.Onnx.Checks;

/// <summary>Tells nodes that merely stand in the wrong order from nodes that wait for one another in a circle.</summary>
internal static class OrderCheck
{
    /// <summary>Reports uses of values that were not made yet.</summary>
    /// <param name="graph">The graph whose values they are.</param>
    /// <param name="late">The node that uses the value, the node of this graph that holds it or is it, and the value.</param>
    /// <param name="scope">Where to report.</param>
    public static void Report(Graph graph, IReadOnlyList<(Node User, Node Here, Value Value)> late, CheckScope scope)
    {
        if (late.Count == 0)
            return;
        var circular = Circular(graph);
        foreach (var (user, here, value) in late)
        {
            var (name, producer) = (FaultReport.Clip(value.Name), FaultReport.Clip(value.Producer?.Title ?? ""));
            if (circular.Contains(here) && value.Producer is { } made && circular.Contains(made))
                scope.Report.Add(CheckRules.Cycle, scope.Where(user), $"It uses '{name}', which {producer} makes, and that waits for it.");
            else
                scope.Report.Add(CheckRules.Order, scope.Where(user), $"It uses '{name}', which {producer} makes further down.");
        }
    }

    /// <summary>What is left when nodes that wait for none, then nodes that none waits for, are taken away again and again.</summary>
    private static HashSet<Node> Circular(Graph graph)
    {
        var needs = graph.Nodes.ToDictionary(node => node, node => Needs(graph, node));
        var needed = graph.Nodes.ToDictionary(node => node, _ => new List<Node>());
        foreach (var (node, producers) in needs)
            foreach (var producer in producers)
                needed[producer].Add(node);
        var left = graph.Nodes.ToHashSet();
        Peel(left, needs, needed);
        Peel(left, needed, needs);
        return left;
    }

    private static void Peel(HashSet<Node> left, Dictionary<Node, List<Node>> needs, Dictionary<Node, List<Node>> needed)
    {
        var open = left.ToDictionary(node => node, node => needs[node].Count(left.Contains));
        var free = new Queue<Node>(left.Where(node => open[node] == 0));
        while (free.TryDequeue(out var node))
        {
            left.Remove(node);
            foreach (var waiting in needed[node])
                if (left.Contains(waiting) && --open[waiting] == 0)
                    free.Enqueue(waiting);
        }
    }

    private static List<Node> Needs(Graph graph, Node node) =>
    [
        .. node.Inputs.Concat(node.Subgraphs.SelectMany(subgraph => subgraph.Captures()))
            .Select(value => value?.Producer)
            .OfType<Node>()
            .Where(producer => producer.Graph == graph)
            .Distinct(),
    ];
}
