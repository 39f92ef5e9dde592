namespace Anneal.Onnx.Ops;

/// <summary>Notes what an operator holds, as attributes of a file; defaults are left out.</summary>
internal sealed class AttributeWriter : AttributeVisitor
{
    private readonly List<NodeAttribute> _written = [];

    public IReadOnlyList<NodeAttribute> Written => _written;

    public override long Int(string name, long held, long byDefault) => Note(held, held == byDefault ? null : NodeAttribute.Of(name, held));

    public override float Float(string name, float held, float byDefault) => Note(held, held.Equals(byDefault) ? null : NodeAttribute.Of(name, held));

    public override string Text(string name, string held, string byDefault) => Note(held, held == byDefault ? null : NodeAttribute.Of(name, held));

    public override AttributeList<long>? Ints(string name, IReadOnlyList<long>? held) => Note(Listed(held), held is null ? null : NodeAttribute.Of(name, values: held));

    public override AttributeList<float>? Floats(string name, IReadOnlyList<float>? held) => Note(Listed(held), held is null ? null : NodeAttribute.Of(name, values: held));

    public override AttributeList<string>? Texts(string name, IReadOnlyList<string>? held) => Note(Listed(held), held is null ? null : NodeAttribute.Of(name, values: held));

    public override long? OptionalInt(string name, long? held) => Note(held, held is { } value ? NodeAttribute.Of(name, value) : null);

    public override float? OptionalFloat(string name, float? held) => Note(held, held is { } value ? NodeAttribute.Of(name, value) : null);

    public override string? OptionalText(string name, string? held) => Note(held, held is null ? null : NodeAttribute.Of(name, held));

    public override TensorData? Tensor(string name, TensorData? held) => Note(held, held is null ? null : NodeAttribute.Of(name, held));

    public override SparseTensor? Sparse(string name, SparseTensor? held) => Note(held, held is null ? null : NodeAttribute.Of(name, held));

    public override long RequiredInt(string name, long held) => Note(held, NodeAttribute.Of(name, held));

    public override float RequiredFloat(string name, float held) => Note(held, NodeAttribute.Of(name, held));

    public override AttributeList<long> RequiredInts(string name, IReadOnlyList<long> held) => Note<AttributeList<long>>([.. held], NodeAttribute.Of(name, values: held));

    public override string RequiredText(string name, string held) => Note(held, NodeAttribute.Of(name, held));

    public override Graph RequiredSubgraph(string name, Graph held) => Note(held, NodeAttribute.Of(name, held));

    private static AttributeList<T>? Listed<T>(IReadOnlyList<T>? held) => held is null ? null : [.. held];

    private T Note<T>(T held, NodeAttribute? attribute)
    {
        if (attribute is not null)
            _written.Add(attribute);
        return held;
    }
}
