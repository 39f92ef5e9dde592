using Anneal.Onnx;

namespace Anneal.Cli.Inspection;

/// <summary>A model's summary for people.</summary>
internal static class SummaryText
{
    /// <summary>So many layers are shown when not all are wanted.</summary>
    private const int Heaviest = 10;

    /// <summary>Writes a summary; costs and warnings come last, where the eye is when a long list has gone by.</summary>
    public static void Write(ModelSummary summary, bool allLayers, Screen screen)
    {
        screen.Heading(Screen.Printable($"{summary.Path}  {Quantity.Bytes(summary.SizeBytes)}"));
        if (summary.Description.Length > 0)
            screen.Line("  " + Screen.Printable(summary.Description));
        WriteFacts(summary, screen);
        WriteValues("inputs", summary.Inputs, screen);
        WriteValues("outputs", summary.Outputs, screen);
        WriteParameters(summary, screen);
        WriteOperators(summary, screen);
        WriteList("functions", summary.Functions.Select(function => $"{function}  {Quantity.Of(function.Body.Nodes.Count, "node")}"), screen);
        SelfText.Write(summary.Self.Facts, screen);
        WriteList("metadata", summary.Metadata.Where(entry => !summary.Self.Covers(entry)).Select(entry => $"{entry.Key} = {entry.Value}"), screen);
        WriteList("external data", summary.ExternalFiles, screen);
        WriteLayers(summary.Work, allLayers, screen);
        WriteWork(summary.Work, screen);
        WriteWarnings(summary.Warnings, screen);
    }

    private static void WriteFacts(ModelSummary summary, Screen screen)
    {
        var columns = new Columns();
        columns.Add("opset", string.Join(", ", summary.OperatorSets));
        columns.Add("IR", $"version {summary.IrVersion}");
        if (summary.Producer.Length > 0)
            columns.Add("producer", summary.Producer);
        if (summary.Subgraphs > 0)
            columns.Add("subgraphs", Quantity.Count(summary.Subgraphs));
        columns.WriteTo(screen, 2);
    }

    private static void WriteValues(string title, IEnumerable<Value> values, Screen screen)
    {
        var columns = new Columns();
        foreach (var value in values)
            columns.Add(value.Name, value.Type?.ToString() ?? "?");
        screen.Heading(title);
        columns.WriteTo(screen, 2);
    }

    private static void WriteParameters(ModelSummary summary, Screen screen)
    {
        var columns = new Columns();
        foreach (var count in summary.Parameters)
            columns.Add(count.DType.ToString(), Quantity.Count(count.Elements), Quantity.Bytes(count.Bytes), $"in {Quantity.Of(count.Tensors, "tensor")}");
        screen.Heading($"parameters  {Quantity.Count(summary.Parameters.Sum(count => count.Elements))}, {Quantity.Bytes(summary.Parameters.Sum(count => count.Bytes))}");
        columns.WriteTo(screen, 2);
    }

    private static void WriteOperators(ModelSummary summary, Screen screen)
    {
        var columns = new Columns();
        foreach (var count in summary.Operators)
            columns.Add(count.Operator, Quantity.Count(count.Nodes));
        screen.Heading($"nodes  {Quantity.Count(summary.Operators.Sum(count => count.Nodes))}");
        columns.WriteTo(screen, 2);
    }

    private static void WriteLayers(ModelWork work, bool all, Screen screen)
    {
        var layers = all ? work.Layers : [.. work.Layers.OrderByDescending(layer => layer.Cost.Flops ?? 0).Take(Heaviest).Where(layer => layer.Cost.Flops > 0)];
        if (layers.Count == 0)
            return;
        screen.Heading(all || layers.Count == work.Layers.Count ? $"layers  {Quantity.Count(work.Layers.Count)}" : $"heaviest layers  {layers.Count} of {Quantity.Count(work.Layers.Count)}; --layers shows all");
        var columns = new Columns();
        columns.Title("layer", "operator", "parameters", "multiply-adds", "share", "output");
        foreach (var layer in layers)
            columns.Add(ModelWork.NameOf(layer), layer.Node.OpType, layer.Parameters == 0 ? "" : Quantity.Count(layer.Parameters),
                layer.Cost.MultiplyAdds is { } multiplyAdds ? multiplyAdds == 0 ? "" : Quantity.Scaled(multiplyAdds) : "?",
                layer.Cost.Flops is { } flops ? Quantity.Share(flops, work.Cost!.Known.Flops ?? 0) : "?", work.OutputOf(layer)?.ToString() ?? "?");
        columns.WriteTo(screen, 2);
    }

    private static void WriteWork(ModelWork work, Screen screen)
    {
        screen.Heading("one picture");
        if (work.Cost is not { } cost)
        {
            screen.Warning($"Shapes and costs could not be worked out: {work.Problem}");
            return;
        }
        var columns = new Columns();
        var atLeast = cost.Total.Flops is null ? "at least " : "";
        columns.Add("arithmetic", $"{atLeast}{Quantity.Scaled(cost.Known.Flops ?? 0)}FLOPs: {Quantity.Scaled(cost.Known.MultiplyAdds ?? 0)} multiply-adds, counted as 2 each, and {Quantity.Scaled(cost.Known.Operations ?? 0)} other operations");
        columns.Add("parameters", $"{Quantity.Count(cost.Parameters)} that training would change");
        columns.Add("activations", cost.PeakActivationBytes is { } peak ? $"{Quantity.Bytes(peak)} at the peak, if each is freed after its last use" : "unknown: not all shapes are");
        columns.WriteTo(screen, 2);
    }

    private static void WriteWarnings(IReadOnlyList<Warning> warnings, Screen screen)
    {
        if (warnings.Count == 0)
            return;
        screen.Heading("warnings");
        foreach (var warning in warnings)
            screen.Warning(warning.Text);
    }

    private static void WriteList(string title, IEnumerable<string> lines, Screen screen)
    {
        var all = lines.ToList();
        if (all.Count == 0)
            return;
        screen.Heading(title);
        foreach (var line in all)
            screen.Line("  " + Screen.Printable(line));
    }
}
