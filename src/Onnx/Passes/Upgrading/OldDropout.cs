namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>Dropout: before version 7 <c>is_test</c> told training from inference; before 10 the mask had the type of x.</summary>
internal static class OldDropout
{
    /// <summary>Version 7: only inference has an exact counterpart.</summary>
    public static void DropIsTest(NodeUpgrade node)
    {
        if (node.Int("is_test", 0) == 0)
            throw node.Refuse("is_test is 0, so that it drops elements at random, which versions 7 to 11 cannot say. Export the model for inference");
        node.Node.RemoveAttribute("is_test");
    }

    /// <summary>Version 10: the mask is of booleans. What uses it goes on with numbers.</summary>
    public static void TypeMask(NodeUpgrade node)
    {
        if (node.Node.Output(1) is not { } mask)
            return;
        if (mask.IsUnused)
        {
            mask.Type = null;
            return;
        }
        var dropout = node.Again(node.Node.Inputs, 2);
        node.Replace(dropout, dropout.Outputs[0], node.InTypeOf(0, dropout.Outputs[1]!, "mask"));
    }
}
