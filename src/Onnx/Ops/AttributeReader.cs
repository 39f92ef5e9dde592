namespace Anneal.Onnx.Ops;

/// <summary>Gives an operator what a node states.</summary>
internal sealed class AttributeReader(Node node, string op) : AttributeVisitor
{
    private readonly HashSet<string> _known = [];

    public override long Int(string name, long held, long byDefault) => Find(name)?.AsInt() ?? byDefault;

    public override float Float(string name, float held, float byDefault) => Find(name)?.AsFloat() ?? byDefault;

    public override string Text(string name, string held, string byDefault) => Find(name)?.AsString() ?? byDefault;

    public override AttributeList<long>? Ints(string name, IReadOnlyList<long>? held) => Find(name) is { } found ? new(found.AsInts()) : null;

    public override AttributeList<float>? Floats(string name, IReadOnlyList<float>? held) => Find(name) is { } found ? new(found.AsFloats()) : null;

    public override AttributeList<string>? Texts(string name, IReadOnlyList<string>? held) => Find(name) is { } found ? [.. found.AsStrings()] : null;

    public override long? OptionalInt(string name, long? held) => Find(name)?.AsInt();

    public override float? OptionalFloat(string name, float? held) => Find(name)?.AsFloat();

    public override string? OptionalText(string name, string? held) => Find(name)?.AsString();

    public override TensorData? Tensor(string name, TensorData? held) => Find(name)?.AsTensor();

    public override SparseTensor? Sparse(string name, SparseTensor? held) => Find(name)?.AsSparseTensor();

    public override long RequiredInt(string name, long held) => Require(name).AsInt();

    public override float RequiredFloat(string name, float held) => Require(name).AsFloat();

    public override AttributeList<long> RequiredInts(string name, IReadOnlyList<long> held) => new(Require(name).AsInts());

    public override string RequiredText(string name, string held) => Require(name).AsString();

    public override Graph RequiredSubgraph(string name, Graph held) => Require(name).AsGraph();

    /// <summary>An attribute that nobody asked for would be ignored in silence.</summary>
    public void RequireAllKnown()
    {
        foreach (var attribute in node.Attributes)
            if (!_known.Contains(attribute.Name))
                throw new InvalidModelException($"{node.Title} has the attribute '{attribute.Name}', which {op} does not have. It has {(_known.Count == 0 ? "none" : string.Join(", ", _known.Order(StringComparer.Ordinal)))}.");
    }

    private NodeAttribute? Find(string name)
    {
        _known.Add(name);
        return node.Attribute(name);
    }

    private NodeAttribute Require(string name) =>
        Find(name) ?? throw new InvalidModelException($"{node.Title} lacks the attribute '{name}', which {op} requires.");
}
