namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>
/// Before version 13 the axes from <c>axis</c> on (1 if not stated) counted as one, over which the sum was taken; since then it is taken over
/// <c>axis</c> alone (-1 if not stated).
/// </summary>
internal static class OldSoftmax
{
    private const long OldDefault = 1;

    public static void Flatten(NodeUpgrade node)
    {
        var axis = node.Int("axis", OldDefault);
        if (SingleAxis(node.Shape(0), axis) is { } single)
            node.Node.SetAttribute(NodeAttribute.Of("axis", single));
        else
            FlattenAround(node, axis);
    }

    /// <summary>The axis when those after it have extent 1, so that it alone counts.</summary>
    private static long? SingleAxis(Shape? x, long axis)
    {
        if (x is null)
            return axis == -1 ? axis : null;
        var first = axis < 0 ? axis + x.Rank : axis;
        return first >= 0 && first < x.Rank && x.Skip((int)first + 1).All(dim => dim is { IsKnown: true, Value: 1 }) ? axis : null;
    }

    private static void FlattenAround(NodeUpgrade node, long axis)
    {
        var x = node.Node.Inputs[0];
        var shape = node.Before("Shape", "shape", [x]);
        var flat = node.Before("Flatten", "flat", [x], NodeAttribute.Of("axis", axis));
        var softmax = node.Again([flat], 1);
        softmax.SetAttribute(NodeAttribute.Of("axis", -1L));
        node.Replace(softmax, node.Before("Reshape", "unflattened", [softmax.Outputs[0], shape]));
    }
}
