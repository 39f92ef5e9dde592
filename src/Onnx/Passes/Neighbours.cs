namespace Anneal.Onnx.Passes;

/// <summary>What passes ask of the values around a node.</summary>
internal static class Neighbours
{
    /// <summary>The only node that uses a value, in the value's own graph; null when there are more uses, or when it is an output of a graph.</summary>
    public static Node? OnlyUser(this Value value) =>
        value is { Uses: [var use], IsOutput: false } && use.Node.Graph == value.Graph ? use.Node : null;

    /// <summary>The constant in a value, when no caller can replace it and all its elements are here; otherwise null.</summary>
    public static TensorData? Constant(this Value? value) =>
        value is { IsConstant: true, Initializer: { HasElements: true, Segment: null } tensor } ? tensor : null;

    /// <summary>Whether a node calls an operator of ONNX's own by that name.</summary>
    public static bool Calls(this Node node, string opType) => node.OpType == opType && node.Domain is ("" or "ai.onnx");

    /// <summary>Takes out a node whose output another value stands for from now on, and constants that only it used.</summary>
    public static void ReplaceBy(this Node node, Value replacement)
    {
        var output = node.Outputs[0]!;
        // A caller finds outputs of the graph by name and type: the value that takes the name takes the type too.
        replacement.Type = output.StatedType ?? replacement.StatedType;
        node.Graph!.ReplaceAllUses(output, replacement);
        node.RemoveWithConstants();
    }

    /// <summary>Removes a node that nothing uses, and constants that only it used.</summary>
    public static void RemoveWithConstants(this Node node)
    {
        Value[] inputs = [.. node.Inputs.OfType<Value>()];
        node.Graph!.Remove(node);
        foreach (var input in inputs.Distinct())
            input.RemoveIfUnused();
    }

    /// <summary>Gives a node's input another constant: in place where nothing else uses the old one, otherwise under a name of its own.</summary>
    /// <param name="node">The node.</param>
    /// <param name="index">The input, at most one past the last.</param>
    /// <param name="tensor">The constant.</param>
    /// <param name="name">The wanted name where the old one cannot be changed.</param>
    public static void SetConstant(this Node node, int index, TensorData tensor, string name)
    {
        var (graph, old) = (node.Graph!, node.Input(index));
        if (old is { IsConstant: true, Uses.Count: 1, IsOutput: false } && old.Graph == graph)
        {
            graph.SetInitializer(old, tensor);
            if (old.StatedType is not null)
                old.Type = tensor.Type;
            return;
        }
        var value = graph.AddInitializer(tensor.WithName(graph.UniqueName(name)));
        if (index < node.Inputs.Count)
            node.SetInput(index, value);
        else
            node.AddInput(value);
        old?.RemoveIfUnused();
    }

    /// <summary>Removes a constant that nothing uses any more.</summary>
    public static void RemoveIfUnused(this Value value)
    {
        if (value is { IsConstant: true, IsUnused: true })
            value.Graph!.SetInitializer(value, null);
    }
}
