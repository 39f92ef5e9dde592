namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>Changes that take a line each.</summary>
internal static class OldNodes
{
    /// <summary>RNN, LSTM and GRU 7: whether the output of all steps is given shows in the outputs themselves.</summary>
    public static void DropOutputSequence(NodeUpgrade node) => node.Node.RemoveAttribute("output_sequence");

    /// <summary>Scatter 11: withdrawn; its other name means the same.</summary>
    public static void RenameScatter(NodeUpgrade node) => node.Node.OpType = "ScatterElements";

    /// <summary>Split 18: into how many parts must be said where their sizes are not.</summary>
    public static void CountParts(NodeUpgrade node)
    {
        if (node.Node.Input(1) is null)
            node.Node.SetAttribute(NodeAttribute.Of("num_outputs", (long)node.Node.Outputs.Count));
    }

    /// <summary>DFT 20: the axis is an input, and -2 instead of 1 where it is not given.</summary>
    public static void MoveDftAxis(NodeUpgrade node)
    {
        var axis = node.Int("axis", 1);
        node.SetInput(2, node.Constant("axis", name => TensorData.Scalar(name, axis)));
        node.Node.RemoveAttribute("axis");
    }

    /// <summary>GridSample 20: interpolation is named for any number of axes.</summary>
    public static void RenameSampling(NodeUpgrade node)
    {
        var mode = node.Stated("mode")?.AsString();
        if (mode is "bilinear" or "bicubic")
            node.Node.SetAttribute(NodeAttribute.Of("mode", mode[2..]));
    }

    /// <summary>RoiAlign 16: places are shifted by half a pixel unless told otherwise; before they never were.</summary>
    public static void StateRoiPlaces(NodeUpgrade node) =>
        node.Node.SetAttribute(NodeAttribute.Of("coordinate_transformation_mode", "output_half_pixel"));
}
