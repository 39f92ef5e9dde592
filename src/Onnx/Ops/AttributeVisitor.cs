namespace Anneal.Onnx.Ops;

/// <summary>
/// What an operator shows its attributes to. Each call names an attribute, what the record holds, and the default that the specification
/// gives; it returns what the record shall hold.
/// </summary>
internal abstract class AttributeVisitor
{
    public abstract long Int(string name, long held, long byDefault);

    public abstract float Float(string name, float held, float byDefault);

    public abstract string Text(string name, string held, string byDefault);

    /// <summary>A list; null when it is left out, which the operator then gives a meaning.</summary>
    public abstract AttributeList<long>? Ints(string name, IReadOnlyList<long>? held);

    public abstract AttributeList<float>? Floats(string name, IReadOnlyList<float>? held);

    public abstract AttributeList<string>? Texts(string name, IReadOnlyList<string>? held);

    /// <summary>A number that may be left out.</summary>
    public abstract long? OptionalInt(string name, long? held);

    public abstract float? OptionalFloat(string name, float? held);

    public abstract string? OptionalText(string name, string? held);

    public abstract TensorData? Tensor(string name, TensorData? held);

    public abstract SparseTensor? Sparse(string name, SparseTensor? held);

    /// <summary>0 or 1.</summary>
    public bool Flag(string name, bool held, bool byDefault) => Int(name, held ? 1 : 0, byDefault ? 1 : 0) != 0;

    /// <summary>An element type by its number.</summary>
    public DType Type(string name, DType held, DType byDefault) => (DType)Int(name, (long)held, (long)byDefault);

    /// <summary>A number that the specification requires.</summary>
    public abstract long RequiredInt(string name, long held);

    public abstract float RequiredFloat(string name, float held);

    /// <summary>A list that the specification requires.</summary>
    public abstract AttributeList<long> RequiredInts(string name, IReadOnlyList<long> held);

    /// <summary>A string that the specification requires.</summary>
    public abstract string RequiredText(string name, string held);

    /// <summary>A subgraph; wherever an operator has one, the specification requires it.</summary>
    public abstract Graph RequiredSubgraph(string name, Graph held);
}
