using Anneal.Onnx;

namespace Anneal.Cli.Inspection;

/// <summary>A model's summary for people.</summary>
internal static class SummaryText
{
    public static void Write(ModelSummary summary, Screen screen)
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
        WriteList("metadata", summary.Metadata.Select(entry => $"{entry.Key} = {entry.Value}"), screen);
        WriteList("external data", summary.ExternalFiles, screen);
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
