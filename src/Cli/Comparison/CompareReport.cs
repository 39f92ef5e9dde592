using System.Globalization;
using System.Text.Json;
using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Cli.Comparison;

/// <summary>What <c>anneal compare</c> has found, for eyes and for programs.</summary>
internal sealed class CompareReport(Side first, Side second, OutputComparison outputs, NodeWalk? nodes, double tolerance)
{
    /// <summary>Whether all outputs, and all nodes that were looked at, are as near as is asked for.</summary>
    public bool IsGood => outputs.Inputs > 0 && outputs.Largest?.Relative <= tolerance && nodes?.Parting is null;

    public void Write(Screen screen)
    {
        screen.Heading(Screen.Printable($"{first.Name}{(first.Name == second.Name ? "" : $" against {second.Name}")}"));
        var columns = new Columns();
        columns.Add("sides", $"{EngineChoice.TitleOf(first.Engine)} on {outputs.Devices.First}, {EngineChoice.TitleOf(second.Engine)} on {outputs.Devices.Second}");
        columns.Add("inputs", outputs.SameBest is null ? "seeded numbers" : Quantity.Of(outputs.Inputs, "picture"));
        if (outputs.Largest is { } largest)
            columns.Add("largest difference", Apart(largest) + (largest.Relative > 0 ? $", on {outputs.Where}" : ""));
        if (outputs.SameBest is { } best)
            columns.Add("same best class", $"{best} of {outputs.Inputs}");
        if (outputs.SameTop is { } top)
            columns.Add($"same best {outputs.Top}, in order", $"{top} of {outputs.Inputs}");
        if (nodes is not null)
            columns.Add("node by node", Summary(nodes));
        columns.WriteTo(screen, 2);
        if (nodes?.Parting is { } parting)
            WriteParting(screen, parting);
        screen.Line();
        screen.Line(Verdict());
    }

    public string ToJson() => JsonText.Object(json =>
    {
        WriteSide(json, "a", first, outputs.Devices.First);
        WriteSide(json, "b", second, outputs.Devices.Second);
        json.WriteString("inputs", outputs.SameBest is null ? "seeded" : "pictures");
        json.WriteNumber("count", outputs.Inputs);
        json.WriteNumber("failed", outputs.Failures.Count);
        json.Number("tolerance", tolerance);
        json.WriteBoolean("isGood", IsGood);
        json.Number("largestDifference", outputs.Largest?.Relative);
        json.WriteString("differsMost", outputs.Largest?.Name);
        json.WriteString("where", outputs.Where);
        json.Number("sameTop1", outputs.SameBest);
        json.Number("sameTop", outputs.SameTop);
        json.Number("top", outputs.SameTop is null ? null : outputs.Top);
        if (nodes is not null)
            WriteNodes(json, nodes);
    });

    private static void WriteSide(Utf8JsonWriter json, string name, Side side, Device device)
    {
        json.WriteStartObject(name);
        json.WriteString("model", side.Name);
        json.WriteString("engine", side.Engine.Name);
        json.WriteString("device", device.ToString());
        json.WriteEndObject();
    }

    private static void WriteNodes(Utf8JsonWriter json, NodeWalk walk)
    {
        json.WriteStartObject("nodes");
        json.WriteNumber("count", walk.Nodes);
        json.WriteNumber("compared", walk.Compared);
        json.Strings("unmatched", walk.Unmatched);
        WriteNode(json, "largest", walk.Largest);
        WriteNode(json, "firstParting", walk.Parting);
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, string name, NodeDifference? node)
    {
        if (node is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteNumber("index", node.Index);
        json.WriteString("op", node.Node.OpType);
        json.WriteString("node", node.Node.Name);
        json.WriteString("value", node.Difference.Name);
        json.Number("difference", node.Difference.Relative);
        json.Number("absolute", node.Difference.Absolute);
        json.WriteStartArray("at");
        foreach (var number in node.Difference.At ?? [])
            json.WriteNumberValue(number);
        json.WriteEndArray();
        json.Number("a", node.Difference.Expected);
        json.Number("b", node.Difference.Found);
        json.WriteString("mismatch", node.Difference.Mismatch);
        json.WriteEndObject();
    }

    private static string Summary(NodeWalk walk)
    {
        var summary = walk.Parting is null ? $"{Quantity.Of(walk.Compared, "value")} of {Quantity.Of(walk.Nodes, "node")}" : "they part; see below";
        if (walk.Parting is null && walk.Largest is { Difference.Relative: > 0 } largest)
            summary += $", farthest apart behind {largest.Node.Title}: {Number(largest.Difference.Relative)}";
        return walk.Unmatched.Count == 0 ? summary : $"{summary}; {Quantity.Of(walk.Unmatched.Count, "value")} found on one side only";
    }

    private void WriteParting(Screen screen, NodeDifference parting)
    {
        var difference = parting.Difference;
        screen.Heading($"the first node where they part: {parting.Index + 1} of {nodes!.Nodes}");
        var columns = new Columns();
        columns.Add("node", parting.Node.Title);
        columns.Add("value", $"'{difference.Name}'");
        columns.Add("apart by", Apart(difference));
        if (difference.At is { } at)
            columns.Add("most at", string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", at)}]: {difference.Expected:g7} and {difference.Found:g7}"));
        columns.WriteTo(screen, 2);
    }

    private string Verdict()
    {
        if (outputs.Inputs == 0)
            return "Nothing was compared.";
        if (outputs.Largest is { Relative: 0 })
            return "Both give the same, to the last bit.";
        return IsGood ? $"Both give the same, within {Number(tolerance)}." : $"They differ by more than the {Number(tolerance)} that --tolerance allows.";
    }

    private static string Apart(ValueDifference difference) => difference switch
    {
        { Mismatch: { } types } => $"'{difference.Name}' is {types}",
        { Relative: 0 } => "none",
        { Relative: var relative } when double.IsInfinity(relative) => $"infinite, in '{difference.Name}'",
        _ => $"{Number(difference.Relative)} of the largest number in '{difference.Name}'",
    };

    private static string Number(double number) => number.ToString("g2", CultureInfo.InvariantCulture);
}
