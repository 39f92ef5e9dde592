namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>Upsample and Resize, until Resize could say how places in the result map to places in x.</summary>
internal static class OldResizing
{
    private const int FirstOptionalRoi = 13;

    /// <summary>Upsample 7: a factor for each axis, where the experimental version before had two, for height and width.</summary>
    public static void JoinScales(NodeUpgrade node)
    {
        if (node.Stated("height_scale") is not { } height || node.Stated("width_scale") is not { } width)
            throw node.Refuse("height_scale and width_scale are needed");
        node.Node.SetAttribute(NodeAttribute.Of("scales", [1f, 1f, height.AsFloat(), width.AsFloat()]));
        node.Node.RemoveAttribute("height_scale");
        node.Node.RemoveAttribute("width_scale");
        if (node.Stated("mode")?.AsString() == "bilinear")
            node.Node.SetAttribute(NodeAttribute.Of("mode", "linear"));
    }

    /// <summary>Version 10: Upsample is withdrawn, and Resize means the same.</summary>
    public static void RenameUpsample(NodeUpgrade node) => node.Node.OpType = "Resize";

    /// <summary>Resize 11: the scales move behind a region of interest; places are divided by the scale, and fractions dropped.</summary>
    public static void StatePlaces(NodeUpgrade node)
    {
        var scales = node.Node.Input(1);
        node.SetInput(1, node.Target < FirstOptionalRoi ? node.Constant("roi", name => TensorData.Create(name, Array.Empty<float>(), 0)) : null);
        node.SetInput(2, scales);
        node.Node.SetAttribute(NodeAttribute.Of("coordinate_transformation_mode", "asymmetric"));
        if (node.Node.Attribute("mode") is null || node.Stated("mode")!.AsString() == "nearest")
            node.Node.SetAttribute(NodeAttribute.Of("nearest_mode", "floor"));
    }

    /// <summary>Resize 13: what is not given is left out instead of being empty.</summary>
    public static void LeaveOutEmptyInputs(NodeUpgrade node)
    {
        if (node.Stated("coordinate_transformation_mode")?.AsString() is "tf_half_pixel_for_nn")
            throw node.Refuse("the coordinate_transformation_mode tf_half_pixel_for_nn was withdrawn without a replacement");
        for (var i = 1; i < node.Node.Inputs.Count; i++)
            if (node.Shape(i) is { Rank: 1 } list && list[0] is { IsKnown: true, Value: 0 })
                node.Node.SetInput(i, null);
    }
}
