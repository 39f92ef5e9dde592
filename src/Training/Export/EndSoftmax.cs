using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Export;

/// <summary>Turns the scores that a model gives into probabilities, where they are none already.</summary>
internal static class EndSoftmax
{
    private static readonly HashSet<string> Moves = ["Flatten", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Cast", "Dropout"];

    /// <summary>
    /// Puts a Softmax over axis 1 behind the first output, whose name the probabilities take over: whoever reads it by name gets them. The axis is stated, so
    /// that every operator set means the same by it.
    /// </summary>
    /// <returns>Whether there is a new node.</returns>
    /// <exception cref="AnnealException">The output holds no scores [N,K].</exception>
    public static bool Append(Model model, List<string> notices)
    {
        var graph = model.Graph;
        var scores = graph.Outputs[0];
        if (MakerOf(scores) is { } maker && maker.Calls("Softmax"))
        {
            notices.Add($"Output '{scores.Name}' holds probabilities already: {maker.Title} makes them.");
            return false;
        }
        RequireScores(scores);
        var (name, type) = (scores.Name, scores.Type);
        graph.Rename(scores, graph.UniqueName($"{name}_scores"));
        var node = graph.AddNode("Softmax", [scores], [name], NodeAttribute.Of("axis", 1L));
        node.Name = name;
        node.Outputs[0]!.Type = type;
        graph.SetOutput(0, node.Outputs[0]!);
        notices.Add($"Output '{name}' holds probabilities: a Softmax follows what is called '{scores.Name}' now.");
        return true;
    }

    private static Node? MakerOf(Value value)
    {
        var node = value.Producer;
        while (node is { Domain: "" or "ai.onnx" } && Moves.Contains(node.OpType) && node.Input(0)?.Producer is { } before)
            node = before;
        return node;
    }

    private static void RequireScores(Value output)
    {
        if (output.Producer is null || output.Type is not TensorType type || !type.ElementType.IsFloat() || type.Shape is { Rank: < 2 })
            throw new AnnealException($"Output '{output.Name}' ({output.Type}) cannot end with a Softmax: it should be scores [N,K] of floating-point numbers that a node makes. Leave {nameof(ExportOptions.EndWithSoftmax)} out.");
        if (MakerOf(output) is { } maker && maker.Calls("LogSoftmax"))
            throw new AnnealException($"Output '{output.Name}' holds logarithms of probabilities: {maker.Title} makes them. Leave {nameof(ExportOptions.EndWithSoftmax)} out, or take that node away.");
    }
}
