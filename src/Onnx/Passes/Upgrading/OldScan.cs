namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>
/// Scan 9 has no batch: version 8 ran its body over axis 1 for each element of axis 0. So a Scan over axis 0 is put around it, each of whose
/// rounds runs the body over what was axis 1.
/// </summary>
internal static class OldScan
{
    public static void LoopOverBatch(NodeUpgrade node)
    {
        if (node.Node.Input(0) is { } lengths)
            throw node.Refuse($"its sequences have lengths of their own ('{lengths.Name}'), which no later version has");
        var states = (int)(node.Node.Inputs.Count - 1 - node.Int("num_scan_inputs", 0));
        if (states < 0)
            throw node.Refuse($"it has fewer inputs than the {node.Int("num_scan_inputs", 0)} that num_scan_inputs says");
        if (node.Node.Outputs.Contains(null))
            throw node.Refuse("an output of it is left out");
        RenameDirections(node);
        var inputs = node.Node.Inputs.Skip(1).ToArray();
        var outer = node.Insert("Scan", inputs, node.Node.Outputs.Select((_, i) => node.FreeName($"batch_{i}")), NodeAttribute.Of("num_scan_inputs", (long)inputs.Length));
        outer.Name = node.Node.Name;
        Fill(outer.AddSubgraph("body", "for_each_in_batch"), node, inputs);
        node.Replace(outer, [.. outer.Outputs]);
    }

    private static void RenameDirections(NodeUpgrade node)
    {
        if (node.Stated("directions") is not { } directions)
            return;
        node.Node.SetAttribute(NodeAttribute.Of("scan_input_directions", directions.AsInts().ToArray()));
        node.Node.RemoveAttribute("directions");
    }

    private static void Fill(Graph body, NodeUpgrade node, Value?[] inputs)
    {
        Value[] slices = [.. inputs.Select((input, i) => body.AddInput(body.UniqueName($"{input?.Name}_of_one"), SliceType(input)))];
        var copier = new GraphCopier();
        var scan = copier.CopyInto([node.Node], body, 0, value => value.Name)[0];
        // The copy still takes what the node took, the lengths first.
        for (var i = 0; i < slices.Length; i++)
            scan.SetInput(i, slices[i]);
        scan.TrimInputs(slices.Length);
        foreach (var output in scan.Outputs)
        {
            output!.Type = SliceType(output);
            body.AddOutput(output);
        }
    }

    private static TensorType? SliceType(Value? value) => value?.Type is TensorType { Shape.Rank: > 0 } type
        ? new(type.ElementType, new([.. type.Shape.Skip(1)]))
        : null;
}
