namespace Anneal.Onnx.Ops;

/// <summary>How much memory the values between the layers of a graph take.</summary>
internal static class ActivationMemory
{
    /// <summary>The most bytes alive at one time when each value is freed after the last node that uses it; null when a size is not known.</summary>
    public static double? Peak(Graph graph, ConstantValues constants, GraphFacts facts)
    {
        var lastUse = LastUses(graph);
        double? alive = graph.RequiredInputs.Aggregate((double?)0, (sum, input) => sum + Bytes(facts[input]));
        var peak = alive;
        for (var i = 0; i < graph.Nodes.Count && alive is not null; i++)
        {
            var node = graph.Nodes[i];
            if (constants.Contains(node))
                continue;
            foreach (var output in node.Outputs.OfType<Value>())
                alive += Bytes(facts[output]);
            peak = alive is null ? null : Math.Max(peak ?? 0, alive.Value);
            foreach (var value in Uses(node).Concat(node.Outputs.OfType<Value>()).Distinct())
                if (!constants.Contains(value) && value.Graph == graph && lastUse.GetValueOrDefault(value, i) == i)
                    alive -= Bytes(facts[value]);
        }
        return peak;
    }

    /// <summary>For each value the node after which it is not needed; outputs are needed to the end.</summary>
    private static Dictionary<Value, int> LastUses(Graph graph)
    {
        var last = new Dictionary<Value, int>();
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var value in Uses(graph.Nodes[i]))
                last[value] = i;
        foreach (var output in graph.Outputs)
            last[output] = int.MaxValue;
        return last;
    }

    private static IEnumerable<Value> Uses(Node node) => node.Inputs.OfType<Value>().Concat(node.Subgraphs.SelectMany(subgraph => subgraph.Captures()));

    private static double? Bytes(Fact fact) => fact.DType.Bits() is > 0 and var bits && CostFacts.Elements(fact.Shape) is { } elements
        ? Math.Ceiling(elements * bits / 8)
        : null;
}
