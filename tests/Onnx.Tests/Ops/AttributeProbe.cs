using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

/// <summary>Asks an operator for its attributes and gives each a value other than its default, noting how a file would state it.</summary>
internal sealed class AttributeProbe : AttributeVisitor
{
    public List<NodeAttribute> Given { get; } = [];

    public HashSet<string> Required { get; } = [];

    public override long Int(string name, long held, long byDefault) => Give(byDefault == 0 ? 1L : 0L, v => NodeAttribute.Of(name, v));

    public override float Float(string name, float held, float byDefault) => Give(byDefault + 0.5f, v => NodeAttribute.Of(name, v));

    public override string Text(string name, string held, string byDefault) => Give(byDefault + "!", v => NodeAttribute.Of(name, v));

    public override AttributeList<long>? Ints(string name, IReadOnlyList<long>? held) => Give<AttributeList<long>>([3, 1, 2], v => NodeAttribute.Of(name, values: v));

    public override AttributeList<float>? Floats(string name, IReadOnlyList<float>? held) => Give<AttributeList<float>>([0.5f, -1], v => NodeAttribute.Of(name, values: v));

    public override AttributeList<string>? Texts(string name, IReadOnlyList<string>? held) => Give<AttributeList<string>>(["a", "b"], v => NodeAttribute.Of(name, values: v));

    public override long? OptionalInt(string name, long? held) => Give(7L, v => NodeAttribute.Of(name, v));

    public override float? OptionalFloat(string name, float? held) => Give(0.25f, v => NodeAttribute.Of(name, v));

    public override string? OptionalText(string name, string? held) => Give("text", v => NodeAttribute.Of(name, v));

    public override TensorData? Tensor(string name, TensorData? held) => Give(TensorData.Scalar("t", 1f), v => NodeAttribute.Of(name, v));

    public override SparseTensor? Sparse(string name, SparseTensor? held) => Give(new SparseTensor(null, null, 2), v => NodeAttribute.Of(name, v));

    public override long RequiredInt(string name, long held) => Give(Require(name, 5L), v => NodeAttribute.Of(name, v));

    public override float RequiredFloat(string name, float held) => Give(Require(name, 1.5f), v => NodeAttribute.Of(name, v));

    public override AttributeList<long> RequiredInts(string name, IReadOnlyList<long> held) => Give<AttributeList<long>>(Require(name, (AttributeList<long>)[2, 2]), v => NodeAttribute.Of(name, values: v));

    public override string RequiredText(string name, string held) => Give(Require(name, "needed"), v => NodeAttribute.Of(name, v));

    public override Graph RequiredSubgraph(string name, Graph held) => Give(Require(name, new Graph(name)), v => NodeAttribute.Of(name, v));

    private T Require<T>(string name, T value)
    {
        Required.Add(name);
        return value;
    }

    private T Give<T>(T value, Func<T, NodeAttribute> attribute)
    {
        Given.Add(attribute(value));
        return value;
    }
}
