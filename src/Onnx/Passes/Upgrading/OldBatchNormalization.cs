namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>BatchNormalization: before version 14 the number of outputs, and before 7 <c>is_test</c>, told training from inference.</summary>
internal static class OldBatchNormalization
{
    /// <summary>Version 7: only inference has an exact counterpart.</summary>
    public static void DropIsTest(NodeUpgrade node)
    {
        if (node.Int("is_test", 0) == 0)
            throw node.Refuse("is_test is 0, so that it takes the statistics of the batch, which versions 7 to 13 cannot say. Export the model for inference");
        node.Node.RemoveAttribute("is_test");
    }

    /// <summary>Version 9: one mean and variance a channel, never one an element.</summary>
    public static void DropSpatial(NodeUpgrade node)
    {
        if (node.Int("spatial", 1) == 0 && node.Rank(0) != 2)
            throw node.Refuse("spatial is 0, so that each element of a picture has its own statistics, which no later version has");
        node.Node.RemoveAttribute("spatial");
    }

    /// <summary>Version 14: the outputs of training are gone; nothing may use them.</summary>
    public static void DropTrainingOutputs(NodeUpgrade node)
    {
        if (node.Node.Outputs.Skip(1).FirstOrDefault(output => output is { IsUnused: false }) is { } used)
            throw node.Refuse($"its output '{used.Name}' is used, which only training gives, and version {node.Version} computes it differently. Export the model for inference");
        if (node.Node.Outputs.Count < 2)
            return;
        var inference = node.Again(node.Node.Inputs, 1);
        node.Replace(inference, inference.Outputs[0]);
    }
}
