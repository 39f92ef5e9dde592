using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>Where in a network its parameters are used.</summary>
internal static class DepthOrder
{
    /// <summary>The names by the first node that uses each, from the input to the output.</summary>
    public static IReadOnlyList<string> Of(Graph graph, IEnumerable<string> names)
    {
        var first = new Dictionary<string, int>();
        foreach (var (index, node) in graph.Nodes.Index())
            foreach (var value in node.Inputs)
                if (value is not null)
                    first.TryAdd(value.Name, index);
        return [.. names.OrderBy(name => first.GetValueOrDefault(name, int.MaxValue))];
    }
}
