using System.Globalization;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>
/// Models with functions, written as text. A graph is lines such as <c>y, z = my.Split(x, _, h) axis=1 alpha=@slope name=first</c>: a domain stands
/// before the operator, <c>_</c> is an input or output left out, a number with a point is a float, with a comma a list, <c>@</c> refers to an
/// attribute of the function, and <c>name</c> and <c>overload</c> are the node's.
/// </summary>
internal static class FunctionText
{
    /// <summary>A model of one input x and the outputs named, all Float32 [2,3].</summary>
    public static Model Model(string outputs, string[] lines, params Function[] functions)
    {
        var type = new TensorType(DType.Float32, Shape.Of(2, 3));
        var graph = new Graph("main");
        graph.AddInput("x", type);
        Fill(graph, lines);
        foreach (var name in Names(outputs))
        {
            graph.Find(name!)!.Type = type;
            graph.AddOutput(graph.Find(name!)!);
        }
        var model = new Model(graph) { OperatorSets = { [""] = 21, ["my"] = 1 } };
        foreach (var function in functions)
            model.Functions.Add(function);
        return model;
    }

    /// <summary>A function of the domain <c>my</c>, written as <c>y = Name(a, b) slope size=3</c> and its body; an attribute with a value has that default.</summary>
    public static Function Function(string signature, params string[] lines)
    {
        var (outputs, name, inputs, words) = Parse(signature);
        var body = new Graph(name);
        foreach (var input in inputs)
            body.AddInput(input!);
        Fill(body, lines);
        foreach (var output in outputs)
            body.AddOutput(body.Find(output!) ?? body.FindOrDefine(output!));
        var function = new Function("my", name, body) { OperatorSets = { [""] = 21, ["my"] = 1 } };
        foreach (var word in words)
            if (word.Contains('='))
                function.AttributeDefaults.Add(Attribute(word));
            else
                function.Attributes.Add(word);
        return function;
    }

    public static void Fill(Graph graph, params IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var (outputs, op, inputs, words) = Parse(line);
            var dot = op.LastIndexOf('.');
            var node = graph.AddNode(op[(dot + 1)..], inputs.Select(name => name is null ? null : graph.FindVisible(name) ?? graph.FindOrDefine(name)), outputs);
            node.Domain = dot < 0 ? "" : op[..dot];
            foreach (var word in words)
                if (word.StartsWith("name=", StringComparison.Ordinal))
                    node.Name = word["name=".Length..];
                else if (word.StartsWith("overload=", StringComparison.Ordinal))
                    node.Overload = word["overload=".Length..];
                else
                    node.SetAttribute(Attribute(word));
        }
    }

    private static (string?[] Outputs, string Op, string?[] Inputs, string[] Words) Parse(string line)
    {
        var (equals, open, close) = (line.IndexOf(" = ", StringComparison.Ordinal), line.IndexOf('('), line.IndexOf(')'));
        return (Names(line[..equals]), line[(equals + 3)..open], Names(line[(open + 1)..close]), line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string?[] Names(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name == "_" ? null : name)];

    private static NodeAttribute Attribute(string word)
    {
        var (name, value) = (word[..word.IndexOf('=')], word[(word.IndexOf('=') + 1)..]);
        if (value[0] == '@')
            return NodeAttribute.Reference(name, name is "alpha" or "slope" or "value_float" ? AttributeKind.Float : AttributeKind.Int, value[1..]);
        if (value.Contains(','))
            return NodeAttribute.Of(name, values: value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray());
        return value.Contains('.')
            ? NodeAttribute.Of(name, float.Parse(value, CultureInfo.InvariantCulture))
            : NodeAttribute.Of(name, long.Parse(value, CultureInfo.InvariantCulture));
    }
}
