using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>Which of several outputs is the classifier's own.</summary>
internal static class MainOutput
{
    /// <summary>
    /// The output of real numbers that most nodes lead to: auxiliary classifiers branch off earlier. The first of equals.
    /// </summary>
    /// <exception cref="AnnealException">No output holds real numbers.</exception>
    public static Value Find(Graph graph, ModelShapes shapes) => graph.Outputs
        .Where(output => output.Producer is not null && shapes.TypeOf(output)?.ElementType is null or DType.Undefined or DType.Float32 or DType.Float16 or DType.Double)
        .MaxBy(CountOfAncestors)
        ?? throw new AnnealException($"The model has no output of real numbers that a node makes (outputs: {string.Join(", ", graph.Outputs)}), so there are no scores for classes.");

    private static int CountOfAncestors(Value output)
    {
        var found = new HashSet<Node>();
        var waiting = new Stack<Value>([output]);
        while (waiting.TryPop(out var value))
            if (value.Producer is { } node && found.Add(node))
                foreach (var input in node.Inputs.Concat(node.Subgraphs.SelectMany(graph => graph.Captures())))
                    if (input is not null)
                        waiting.Push(input);
        return found.Count;
    }
}
