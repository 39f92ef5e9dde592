using System.Globalization;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

/// <summary>
/// Infers one node that is written as text. Inputs are written as facts print themselves, <c>Int64 [2] = [0,N]</c>, with <c>_</c> for one that is
/// left out and semicolons between; attributes as <c>axis = 1; perm = [1,0]; mode = edge; scale = 0.5</c>.
/// </summary>
internal static class NodeText
{
    /// <summary>The facts of the outputs with semicolons between, or the message of the refusal.</summary>
    public static string Infer(string op, string attributes, string inputs, int outputs = 1)
    {
        var graph = new Graph();
        Fact?[] facts = [.. Parts(inputs).Select(Fact)];
        Value?[] values = [.. facts.Select((fact, i) => fact is null ? null : graph.AddInput($"x{i}", fact.Type))];
        var node = graph.AddNode(op, values, [.. Enumerable.Range(0, outputs).Select(i => $"y{i}")]);
        foreach (var attribute in Parts(attributes))
            node.SetAttribute(Attribute(attribute));
        try
        {
            var known = facts.Select((fact, i) => (fact, i)).Where(pair => pair.fact is not null).ToDictionary(pair => $"x{pair.i}", pair => pair.fact!);
            var inferred = GraphFacts.Infer(graph, known);
            return string.Join("; ", node.Outputs.Select(output => inferred[output!]));
        }
        catch (AnnealException refusal)
        {
            return refusal.Message;
        }
    }

    private static string[] Parts(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Fact? Fact(string text)
    {
        if (text == "_")
            return null;
        var halves = text.Split(" = ");
        var type = halves[0].Split(' ');
        var dtype = Enum.Parse<DType>(type[0]);
        Shape? shape = type.Length == 1 ? null : new([.. List(type[1]).Select(Dim)]);
        if (halves.Length == 1)
            return Anneal.Onnx.Ops.Fact.Tensor(dtype, shape);
        return dtype == DType.Float32
            ? Anneal.Onnx.Ops.Fact.Of(TensorData.Create("", List(halves[1]).Select(Number).ToArray(), shape!.ToExtents()))
            : Anneal.Onnx.Ops.Fact.Tensor(dtype, shape, [.. List(halves[1]).Select(Dim)]);
    }

    private static NodeAttribute Attribute(string text)
    {
        var (name, value) = (text.Split(" = ")[0], text.Split(" = ")[1]);
        if (value[0] == '[')
            return NodeAttribute.Of(name, List(value).Select(item => long.Parse(item, CultureInfo.InvariantCulture)));
        if (long.TryParse(value, CultureInfo.InvariantCulture, out var integer))
            return NodeAttribute.Of(name, integer);
        return float.TryParse(value, CultureInfo.InvariantCulture, out var number) ? NodeAttribute.Of(name, number) : NodeAttribute.Of(name, value);
    }

    private static string[] List(string text) => text.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static Dim Dim(string text) => text == "?" ? Anneal.Onnx.Dim.Unknown
        : long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : Anneal.Onnx.Dim.Named(text);

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
