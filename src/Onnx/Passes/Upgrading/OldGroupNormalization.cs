namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>GroupNormalization 21: scale and bias have an element for each channel, where they had one for each group.</summary>
internal static class OldGroupNormalization
{
    public static void RepeatForChannels(NodeUpgrade node)
    {
        StateStash(node);
        var groups = node.Int("num_groups", 0);
        if (groups <= 0)
            throw node.Refuse($"num_groups is {groups}");
        var stretched = StretchedShape(node, groups);
        for (var input = 1; input <= 2; input++)
        {
            var column = node.Before("Reshape", "column", [node.Node.Inputs[input], node.Ints("column_shape", -1, 1)]);
            var matrix = node.Before("Expand", "repeated", [column, stretched]);
            node.SetInput(input, node.Before("Reshape", "by_channel", [matrix, node.Ints("by_channel_shape", -1)]));
        }
    }

    /// <summary>Version 18 computed in the type of x; now that has to be said, the default being float.</summary>
    private static void StateStash(NodeUpgrade node)
    {
        if (node.DType(0) is DType.Undefined)
            throw node.Refuse("the element type of x is not known, and it computes in that type. Declare it in the model");
        if (node.DType(0) is not DType.Float32)
            node.Node.SetAttribute(NodeAttribute.Of("stash_type", (long)node.DType(0)));
    }

    /// <summary>1 and the number of channels in a group.</summary>
    private static Value StretchedShape(NodeUpgrade node, long groups)
    {
        if (node.Shape(0) is { Rank: > 1 } x && x[1].IsKnown)
            return node.Ints("repeats", 1, x[1].Value / groups);
        var channels = node.Before("Shape", "channels", [node.Node.Inputs[0]], NodeAttribute.Of("start", 1L), NodeAttribute.Of("end", 2L));
        var size = node.Before("Div", "group_size", [channels, node.Ints("groups", groups)]);
        return node.Before("Concat", "repeats", [node.Ints("one", 1), size], NodeAttribute.Of("axis", 0L));
    }
}
