using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Checks;

/// <summary>Has an operator name its attributes, and holds a node's against them: kinds, missing ones, unknown ones.</summary>
internal sealed class AttributeCheck(Node node, string op, CheckScope scope) : AttributeVisitor
{
    private readonly HashSet<string> _known = [];

    public override long Int(string name, long held, long byDefault) => Expect(name, AttributeKind.Int, held);

    public override float Float(string name, float held, float byDefault) => Expect(name, AttributeKind.Float, held);

    public override string Text(string name, string held, string byDefault) => Expect(name, AttributeKind.String, held);

    public override AttributeList<long>? Ints(string name, IReadOnlyList<long>? held) => Expect<AttributeList<long>?>(name, AttributeKind.Ints, null);

    public override AttributeList<float>? Floats(string name, IReadOnlyList<float>? held) => Expect<AttributeList<float>?>(name, AttributeKind.Floats, null);

    public override AttributeList<string>? Texts(string name, IReadOnlyList<string>? held) => Expect<AttributeList<string>?>(name, AttributeKind.Strings, null);

    public override long? OptionalInt(string name, long? held) => Expect(name, AttributeKind.Int, held);

    public override float? OptionalFloat(string name, float? held) => Expect(name, AttributeKind.Float, held);

    public override string? OptionalText(string name, string? held) => Expect(name, AttributeKind.String, held);

    public override TensorData? Tensor(string name, TensorData? held) => Expect(name, AttributeKind.Tensor, held);

    public override SparseTensor? Sparse(string name, SparseTensor? held) => Expect(name, AttributeKind.SparseTensor, held);

    public override long RequiredInt(string name, long held) => Require(name, AttributeKind.Int, held);

    public override float RequiredFloat(string name, float held) => Require(name, AttributeKind.Float, held);

    public override AttributeList<long> RequiredInts(string name, IReadOnlyList<long> held) => Require<AttributeList<long>>(name, AttributeKind.Ints, []);

    public override string RequiredText(string name, string held) => Require(name, AttributeKind.String, held);

    public override Graph RequiredSubgraph(string name, Graph held) => Require(name, AttributeKind.Graph, held);

    /// <summary>Reports what the node has and the operator never named.</summary>
    public void ReportUnknown()
    {
        foreach (var attribute in node.Attributes)
            if (!_known.Contains(attribute.Name))
                scope.Report.Add(CheckRules.AttributeUnknown, scope.Where(node), $"{op} has no attribute '{FaultReport.Clip(attribute.Name)}'.");
    }

    private T Expect<T>(string name, AttributeKind kind, T held)
    {
        _known.Add(name);
        if (node.Attribute(name) is { } attribute && attribute.Kind != kind)
            scope.Report.Add(CheckRules.AttributeType, scope.Where(node), $"Its attribute '{name}' holds {attribute.Kind}; {op} asks for {kind}.");
        return held;
    }

    private T Require<T>(string name, AttributeKind kind, T held)
    {
        if (node.Attribute(name) is null)
            scope.Report.Add(CheckRules.AttributeMissing, scope.Where(node), $"It lacks the attribute '{name}', which {op} requires.");
        return Expect(name, kind, held);
    }
}
