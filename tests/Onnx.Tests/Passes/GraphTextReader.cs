namespace Anneal.Onnx.Tests.Passes;

/// <summary>Reads the lines of <see cref="GraphText"/> into a graph.</summary>
internal static class GraphTextReader
{
    public static void Fill(Graph graph, ReadOnlySpan<string> lines)
    {
        var indent = Indent(lines[0]);
        for (var at = 0; at < lines.Length;)
        {
            var length = 1;
            while (at + length < lines.Length && Indent(lines[at + length]) > indent)
                length++;
            Read(graph, lines[at].Trim(), lines.Slice(at + 1, length - 1));
            at += length;
        }
    }

    private static void Read(Graph graph, string line, ReadOnlySpan<string> below)
    {
        if (line.StartsWith("->", StringComparison.Ordinal))
            ReadOutputs(graph, line[2..]);
        else if (Cut(line, " = ") is not (var left, { Length: > 0 } right))
            Declare(line, (name, type) => graph.AddInput(name, type));
        else if (right.EndsWith('}') && !right.Contains('(', StringComparison.Ordinal))
            ReadInitializer(graph, left, right);
        else
            ReadNode(graph, left, right, below);
    }

    private static void ReadOutputs(Graph graph, string text)
    {
        foreach (var part in Split(text, ','))
            graph.AddOutput(Declare(part, (name, type) =>
            {
                var value = graph.FindVisible(name)!;
                value.Type = type ?? value.Type;
                return value;
            }));
    }

    private static void ReadInitializer(Graph graph, string left, string right)
    {
        var name = Cut(left, ":").Left;
        var value = graph.AddInitializer(TensorText.Parse(right, name));
        if (left.Contains(':', StringComparison.Ordinal))
            Declare(left, (_, type) =>
            {
                value.Type = type;
                graph.MakeInput(value);
                return value;
            });
    }

    private static void ReadNode(Graph graph, string left, string right, ReadOnlySpan<string> below)
    {
        var open = right.IndexOf('(', StringComparison.Ordinal);
        var close = right.IndexOf(')', StringComparison.Ordinal);
        var dot = right.LastIndexOf('.', open);
        var inputs = Split(right[(open + 1)..close], ',').Select(name => name == "-" ? null : graph.FindVisible(name) ?? throw new ArgumentException($"Nothing is called {name}."));
        var outputs = Split(left, ',').Select(part => Cut(part, ":").Left).Select(name => name == "-" ? null : name);
        var node = graph.AddNode(right[(dot + 1)..open], inputs, outputs);
        node.Domain = dot < 0 ? "" : right[..dot];
        foreach (var part in Split(left, ','))
            Declare(part, (name, type) =>
            {
                if (name != "-")
                    graph.Find(name)!.Type = type;
                return node.Outputs.OfType<Value>().FirstOrDefault();
            });
        foreach (var word in Split(right[(close + 1)..], ' '))
            if (word[0] == '\'')
                node.Name = word.Trim('\'');
            else
                node.SetAttribute(AttributeText.Read(word));
        ReadSubgraphs(node, below);
    }

    private static void ReadSubgraphs(Node node, ReadOnlySpan<string> lines)
    {
        for (var at = 0; at < lines.Length;)
        {
            var length = 1;
            while (at + length < lines.Length && Indent(lines[at + length]) > Indent(lines[at]))
                length++;
            Fill(node.AddSubgraph(lines[at].Trim().TrimEnd(':')), lines.Slice(at + 1, length - 1));
            at += length;
        }
    }

    private static Value Declare(string text, Func<string, TensorType?, Value?> make)
    {
        var (name, type) = Cut(text, ":");
        return make(name, type.Length == 0 ? null : Type(type))!;
    }

    private static TensorType Type(string text)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        return open < 0
            ? new(Enum.Parse<DType>(text))
            : new(Enum.Parse<DType>(text[..open]), new([.. Split(text[(open + 1)..^1], ',').Select(dim => dim == "?" ? Dim.Unknown : long.TryParse(dim, out var value) ? value : Dim.Named(dim))]));
    }

    /// <summary>Parts between separators that stand outside brackets, braces and quotes.</summary>
    private static List<string> Split(string text, char separator)
    {
        var (parts, depth, start, quoted) = (new List<string>(), 0, 0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length)
                (depth, quoted) = text[i] switch { '[' or '{' => (depth + 1, quoted), ']' or '}' => (depth - 1, quoted), '\'' => (depth, !quoted), _ => (depth, quoted) };
            if (i < text.Length && (text[i] != separator || depth > 0 || quoted))
                continue;
            if (text[start..i].Trim() is { Length: > 0 } part)
                parts.Add(part);
            start = i + 1;
        }
        return parts;
    }

    private static (string Left, string Right) Cut(string text, string at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text.Trim(), "") : (text[..index].Trim(), text[(index + at.Length)..].Trim());
    }

    private static int Indent(string line) => line.Length - line.TrimStart().Length;
}
