using System.Security.Cryptography;
using System.Text;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>
/// A graph as lines of text, to compare what a pass made with what it should have made, and back:
/// <code>
/// x: Float32[N,4]                                  an input
/// s: Int64[2] = Int64[2]{0,-1}                     an input with a default
/// w = Float32[2,2]{1,2,3,4}                        an initializer; {0…} repeats one number
/// h: Float32[N,4] = Relu(x)                        a node; types of its outputs where they are stated
/// a, - = Split(h, -, w) axis=1 alpha=0.5 'part'    outputs and inputs left out, attributes, the node's name
/// y = If(c)
///   then_branch:
///     t = com.microsoft.Gelu(x)                    an operator of another domain
///     -> t
///   else_branch: …
/// -> y: Float32[N,4], a                            the outputs
/// </code>
/// Attributes: 1, 0.5, [1,0], [0.5,1.0], edge, @reference, Float32[2]{1,2}.
/// </summary>
internal static class GraphText
{
    /// <summary>Reads a model of the newest operator set that ONNX Runtime knows.</summary>
    public static Model Model(string text, int opset = 21) => new(Parse(text)) { OperatorSets = { [""] = opset, ["com.microsoft"] = 1 } };

    /// <summary>Reads a graph.</summary>
    public static Graph Parse(string text)
    {
        var graph = new Graph("g");
        GraphTextReader.Fill(graph, [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)]);
        return graph;
    }

    /// <summary>Writes a graph as <see cref="Parse"/> reads it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="types">Whether to write stated types of inner values.</param>
    public static string Print(Graph graph, bool types = false)
    {
        var text = new StringBuilder();
        Write(text, graph, "", types);
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Asserts what a graph has become, whatever the indentation and empty lines of the expectation.</summary>
    public static void Equal(string expected, Graph graph, bool types = false) => Assert.Equal(Print(Parse(expected), types), Print(graph, types));

    /// <summary>A tensor: <c>Float32[2,2]{1,2,3,4}</c>; one number repeated is written once, and what is long and varied as a checksum.</summary>
    public static string Tensor(TensorData tensor)
    {
        var elements = TensorText.Elements(tensor);
        var content = elements.Length > 1 && elements.All(element => element == elements[0]) ? elements[0] + "…"
            : elements.Length <= 64 ? string.Join(',', elements)
            : "#" + Convert.ToHexString(SHA256.HashData(tensor.Bytes.Span)[..8]);
        return $"{tensor.DType}[{string.Join(',', tensor.Dims.ToArray())}]{{{content}}}";
    }

    private static void Write(StringBuilder text, Graph graph, string indent, bool types)
    {
        foreach (var input in graph.Inputs)
            text.Append(indent).Append(Typed(input, true)).Append(input.Initializer is { } byDefault ? " = " + Tensor(byDefault) : "").Append('\n');
        foreach (var constant in graph.Initializers.Where(value => !value.IsInput))
            text.Append(indent).Append(constant.Name).Append(" = ").Append(Tensor(constant.Initializer!)).Append('\n');
        foreach (var node in graph.Nodes)
            Write(text, node, indent, types);
        text.Append(indent).Append("-> ").AppendJoin(", ", graph.Outputs.Select(output => Typed(output, true))).Append('\n');
    }

    private static void Write(StringBuilder text, Node node, string indent, bool types)
    {
        text.Append(indent).AppendJoin(", ", node.Outputs.Select(output => output is null ? "-" : Typed(output, types && !output.IsOutput)));
        text.Append(" = ").Append(node.Domain.Length > 0 ? node.Domain + "." : "").Append(node.OpType);
        text.Append('(').AppendJoin(", ", node.Inputs.Select(input => input?.Name ?? "-")).Append(')');
        foreach (var attribute in node.Attributes.Where(attribute => attribute.Subgraphs.Count == 0))
            text.Append(' ').Append(attribute.Name).Append('=').Append(AttributeText.Write(attribute));
        text.Append(node.Name.Length > 0 ? $" '{node.Name}'\n" : "\n");
        foreach (var attribute in node.Attributes)
            foreach (var subgraph in attribute.Subgraphs)
            {
                text.Append(indent).Append("  ").Append(attribute.Name).Append(":\n");
                Write(text, subgraph, indent + "    ", types);
            }
    }

    private static string Typed(Value value, bool types) => types && value.Type is { } type ? $"{value.Name}: {type.ToString()!.Replace(" [", "[", StringComparison.Ordinal)}" : value.Name;
}
