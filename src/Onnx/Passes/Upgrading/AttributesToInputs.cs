namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>Attributes that became inputs, so that a graph can compute them.</summary>
internal static class AttributesToInputs
{
    /// <summary>A list of integers: <c>axes</c>, <c>split</c>.</summary>
    public static UpgradeStep Ints(string attribute, int input) => node => Move(node, attribute, input, stated => node.Ints(attribute, stated.AsInts().ToArray()));

    /// <summary>A list of floats: <c>scales</c>.</summary>
    public static UpgradeStep Floats(string attribute, int input) => node => Move(node, attribute, input, stated =>
        node.Constant(attribute, name => TensorData.Create(name, stated.AsFloats().ToArray(), stated.AsFloats().Length)));

    /// <summary>Slice 10: starts, ends and axes.</summary>
    public static void Slice(NodeUpgrade node)
    {
        Ints("starts", 1)(node);
        Ints("ends", 2)(node);
        Ints("axes", 3)(node);
    }

    /// <summary>TopK 10: k, as a list of one.</summary>
    public static void TopK(NodeUpgrade node)
    {
        var isReference = node.Node.Attribute("k") is { ReferenceTo.Length: > 0 };
        Move(node, "k", 1, stated => node.Ints("k", stated.AsInt()));
        if (isReference)
            node.SetInput(1, node.Before("Reshape", "k_list", [node.Node.Inputs[1], node.Ints("k_shape", 1)]));
    }

    /// <summary>Clip 11: the bounds, in the type of x.</summary>
    public static void Clip(NodeUpgrade node)
    {
        MoveScalar(node, "min", 1);
        MoveScalar(node, "max", 2);
    }

    /// <summary>Pad 11: the widths, and the value in the type of x.</summary>
    public static void Pad(NodeUpgrade node)
    {
        Ints("pads", 1)(node);
        MoveScalar(node, "value", 2);
    }

    /// <summary>Dropout 12: the ratio, of which inference makes no use.</summary>
    public static void Dropout(NodeUpgrade node) => Move(node, "ratio", 1, stated => Float(node, stated));

    private static void Move(NodeUpgrade node, string attribute, int input, Func<NodeAttribute, Value> constant)
    {
        if (node.Node.Attribute(attribute) is not { } stated)
            return;
        var value = stated.ReferenceTo.Length == 0 ? constant(stated) : Reference(node, stated);
        node.SetInput(input, value);
        node.Node.RemoveAttribute(attribute);
    }

    /// <summary>A scalar that takes the type of x.</summary>
    private static void MoveScalar(NodeUpgrade node, string attribute, int input)
    {
        var isTyped = node.Node.Attribute(attribute) is { ReferenceTo.Length: 0 } && node.DType(0) is DType.Float32 or DType.Double or DType.Float16;
        Move(node, attribute, input, stated => isTyped ? Float(node, stated, node.DType(0)) : Float(node, stated));
        if (!isTyped && node.Node.Input(input) is { } value)
            node.SetInput(input, node.InTypeOf(0, value, $"{attribute}_cast"));
    }

    private static Value Float(NodeUpgrade node, NodeAttribute stated, DType dtype = DType.Float32) => node.Constant(stated.Name, name => dtype switch
    {
        DType.Double => TensorData.Scalar(name, (double)stated.AsFloat()),
        DType.Float16 => TensorData.Scalar(name, (Half)stated.AsFloat()),
        _ => TensorData.Scalar(name, stated.AsFloat()),
    });

    /// <summary>What a function's caller gives as an attribute, as a value.</summary>
    private static Value Reference(NodeUpgrade node, NodeAttribute stated)
    {
        const int firstPlainConstants = 12;
        if (node.Target < firstPlainConstants)
            throw node.Refuse($"its attribute '{stated.Name}' stands for the attribute '{stated.ReferenceTo}' of the enclosing function, which can be made an input from operator set {firstPlainConstants} on");
        var content = stated.Kind switch
        {
            AttributeKind.Int => "value_int",
            AttributeKind.Ints => "value_ints",
            AttributeKind.Float => "value_float",
            AttributeKind.Floats => "value_floats",
            _ => throw node.Refuse($"its attribute '{stated.Name}' holds {stated.Kind}"),
        };
        return node.Before("Constant", stated.Name, [], NodeAttribute.Reference(content, stated.Kind, stated.ReferenceTo));
    }
}
