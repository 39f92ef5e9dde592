using System.Globalization;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

/// <summary>
/// Infers one node that is written as a line: <c>MaxPool/2 kernel_shape=2,2 : [N,3,8,8]</c> is a MaxPool with two outputs. A value with a comma is a
/// list (<c>axes=1,</c> has one number), one with a point a float. Inputs stand between semicolons: an element type (Float32 unless given), a shape
/// or <c>?</c>, and elements, as in <c>Int64[2]=N,3</c>; <c>_</c> is an input left out.
/// </summary>
internal static class NodeLine
{
    /// <summary>What is known of the outputs, between semicolons.</summary>
    public static string Infer(string line)
    {
        var (node, inferred) = Read(line);
        return string.Join("; ", node.Outputs.Select(value => inferred[value!].ToString()));
    }

    /// <summary>The message of the refusal.</summary>
    public static string Refuse(string line) => Assert.ThrowsAny<AnnealException>(() => Infer(line)).Message;

    /// <summary>The arithmetic of the node.</summary>
    public static Cost Count(string line)
    {
        var (node, inferred) = Read(line);
        return GraphCost.Of(node.Graph!, inferred).Total;
    }

    private static (Node Node, GraphFacts Inferred) Read(string line)
    {
        var (call, given) = Cut(line, " : ");
        var words = call.Split(' ');
        var (op, outputs) = Cut(words[0], "/");
        var graph = new Graph();
        var facts = new Dictionary<string, Fact>();
        var inputs = given.Split(';').Select((text, i) => Input(graph, facts, text.Trim(), $"x{i}")).ToArray();
        var node = graph.AddNode(op, inputs!, [.. Enumerable.Range(0, outputs.Length == 0 ? 1 : (int)Number(outputs)).Select(i => $"y{i}")]);
        foreach (var word in words.Skip(1))
            node.SetAttribute(Attribute(word));
        return (node, GraphFacts.Infer(graph, facts, trustDeclared: false));
    }

    private static Value? Input(Graph graph, Dictionary<string, Fact> facts, string text, string name)
    {
        if (text == "_")
            return null;
        var (type, elements) = Cut(text, "=");
        var at = type.IndexOfAny(['[', '?']);
        var dtype = at == 0 ? DType.Float32 : Enum.Parse<DType>(type[..at]);
        var shape = type[at] == '?' ? null : new Shape([.. Dims(type[(at + 1)..^1])]);
        facts[name] = Fact.Tensor(dtype, shape, elements.Length == 0 ? null : [.. Dims(elements)]);
        return graph.AddInput(name);
    }

    private static IEnumerable<Dim> Dims(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(dim => dim == "?" ? Dim.Unknown : long.TryParse(dim, out var value) ? value : Dim.Named(dim));

    private static NodeAttribute Attribute(string word)
    {
        var (name, value) = Cut(word, "=");
        if (name == "equation" || !(char.IsAsciiDigit(value[0]) || value[0] == '-'))
            return NodeAttribute.Of(name, value);
        if (value.Contains(','))
            return NodeAttribute.Of(name, values: value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => Number(number)).ToArray());
        return value.Contains('.') ? NodeAttribute.Of(name, float.Parse(value, CultureInfo.InvariantCulture)) : NodeAttribute.Of(name, Number(value));
    }

    private static (string, string) Cut(string text, string at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text, "") : (text[..index], text[(index + at.Length)..]);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
