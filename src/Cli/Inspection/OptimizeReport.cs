using System.Globalization;
using System.Text.Json;
using Anneal.Onnx.Passes;
using Anneal.Runtime;

namespace Anneal.Cli.Inspection;

/// <summary>What <c>anneal optimize</c> has done: the model before and after, each pass, and how far the outputs are apart.</summary>
internal sealed class OptimizeReport(ModelSummary before, ModelSummary after, IReadOnlyList<PassResult> passes, ModelComparison? difference)
{
    private readonly (string Name, int Before, int After)[] _operators =
    [
        .. before.Operators.Concat(after.Operators).Select(count => count.Operator).Distinct()
            .Select(name => (name, Nodes(before, name), Nodes(after, name)))
            .Where(count => count.Item2 != count.Item3)
            .OrderByDescending(count => Math.Abs(count.Item2 - count.Item3)).ThenBy(count => count.name, StringComparer.Ordinal),
    ];

    public void Write(Screen screen)
    {
        screen.Heading(Screen.Printable($"{before.Path} -> {after.Path}"));
        WriteTotals(screen);
        WritePasses(screen);
        WriteOperators(screen);
        screen.Line();
        screen.Line(difference switch
        {
            null => "Nothing was compared: --no-verify.",
            { Largest: 0 } => "ONNX Runtime gives the same outputs, to the last bit.",
            _ => string.Create(CultureInfo.InvariantCulture, $"ONNX Runtime's outputs differ by {difference.Largest:g2} of the largest number in '{Screen.Printable(difference.Output)}'."),
        });
    }

    public string ToJson() => JsonText.Object(json =>
    {
        json.WriteString("in", before.Path);
        json.WriteString("out", after.Path);
        WriteSide(json, "before", before);
        WriteSide(json, "after", after);
        json.Objects("passes", passes, result =>
        {
            json.WriteString("pass", result.Pass);
            json.WriteNumber("nodesBefore", result.NodesBefore);
            json.WriteNumber("nodesAfter", result.NodesAfter);
        });
        json.Number("largestDifference", difference?.Largest);
        json.WriteString("differsMost", difference?.Output);
    });

    private void WriteTotals(Screen screen)
    {
        var columns = new Columns();
        columns.Title("", "before", "after");
        columns.Add("opset", string.Join(", ", before.OperatorSets), string.Join(", ", after.OperatorSets));
        columns.Add("nodes", Quantity.Count(Nodes(before)), Quantity.Count(Nodes(after)));
        columns.Add("parameters", Quantity.Count(Parameters(before)), Quantity.Count(Parameters(after)));
        columns.Add("file", Quantity.Bytes(before.SizeBytes), Quantity.Bytes(after.SizeBytes));
        columns.Add("operations", Flops(before), Flops(after));
        columns.WriteTo(screen, 2);
    }

    private void WritePasses(Screen screen)
    {
        screen.Heading("passes");
        var columns = new Columns();
        foreach (var result in passes)
            columns.Add(result.Pass, result.NodesBefore == result.NodesAfter ? "" : $"{Quantity.Count(result.NodesBefore)} -> {Quantity.Of(result.NodesAfter, "node")}");
        columns.WriteTo(screen, 2);
        if (passes.Count == 0)
            screen.Line("  none found anything to do");
    }

    private void WriteOperators(Screen screen)
    {
        if (_operators.Length == 0)
            return;
        screen.Heading("nodes that changed in number");
        var columns = new Columns();
        foreach (var (name, old, now) in _operators)
            columns.Add(name, Quantity.Count(old), "->", Quantity.Count(now));
        columns.WriteTo(screen, 2);
    }

    private static void WriteSide(Utf8JsonWriter json, string name, ModelSummary side)
    {
        json.WriteStartObject(name);
        json.WriteNumber("sizeBytes", side.SizeBytes);
        json.WriteNumber("nodes", Nodes(side));
        json.WriteNumber("parameters", Parameters(side));
        json.Number("flops", side.Work.Cost?.Total.Flops);
        json.WriteStartObject("operators");
        foreach (var count in side.Operators)
            json.WriteNumber(count.Operator, count.Nodes);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static int Nodes(ModelSummary side, string name) => side.Operators.FirstOrDefault(count => count.Operator == name)?.Nodes ?? 0;

    private static long Nodes(ModelSummary side) => side.Operators.Sum(count => count.Nodes);

    private static long Parameters(ModelSummary side) => side.Parameters.Sum(count => count.Elements);

    private static string Flops(ModelSummary side) => side.Work.Cost?.Known.Flops is { } flops ? Quantity.Scaled(flops) : "not known";
}
