using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>Nodes, message to object and back.</summary>
internal static class NodeCodec
{
    /// <summary>First sweep: the node and the names it defines.</summary>
    public static Node Define(Graph graph, NodeProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var node = graph.DefineNode(trace.Take(4, proto.HasOpType, proto.OpType));
        node.Name = trace.Take(3, proto.HasName, proto.Name);
        node.DocString = trace.Take(6, proto.HasDocString, proto.DocString);
        node.Domain = trace.Take(7, proto.HasDomain, proto.Domain);
        node.Overload = trace.Take(8, proto.HasOverload, proto.Overload);
        node.Trace = trace;
        foreach (var output in proto.Output)
            node.AddOutput(WireText.Decode(output.Span));
        return node;
    }

    /// <summary>Second sweep: inputs, attributes and the rest.</summary>
    public static void Complete(Node node, NodeProto proto, DecodeContext context)
    {
        var graph = node.Graph!;
        foreach (var input in proto.Input)
        {
            var name = WireText.Decode(input.Span);
            node.AddInput(name.Length == 0 ? null : graph.FindVisible(name) ?? graph.FindOrDefine(name));
        }
        foreach (var attribute in proto.Attribute)
            node.AppendAttribute(Decode(attribute, node, context));
        EntryCodec.Decode(proto.MetadataProps, node);
        foreach (var configuration in proto.DeviceConfigurations)
            node.DeviceConfigurations.Add(DeviceCodec.Decode(configuration));
    }

    public static NodeProto Encode(Node node, EncodeContext context)
    {
        var proto = new NodeProto();
        proto.Input.AddRange(node.Inputs.Select(Name));
        proto.Output.AddRange(node.Outputs.Select(Name));
        if (node.Trace.Keeps(3, node.Name))
            proto.Name = WireText.Encode(node.Name);
        if (node.Trace.Keeps(4, node.OpType))
            proto.OpType = WireText.Encode(node.OpType);
        proto.Attribute.AddRange(node.Attributes.Select(a => AttributeCodec.Encode(a, context)));
        if (node.Trace.Keeps(6, node.DocString))
            proto.DocString = WireText.Encode(node.DocString);
        if (node.Trace.Keeps(7, node.Domain))
            proto.Domain = WireText.Encode(node.Domain);
        if (node.Trace.Keeps(8, node.Overload))
            proto.Overload = WireText.Encode(node.Overload);
        EntryCodec.Encode(node, proto.MetadataProps);
        proto.DeviceConfigurations.AddRange(node.DeviceConfigurations.Select(DeviceCodec.Encode));
        return proto.With(node.Trace);
    }

    private static ByteString Name(Value? value) => value is null ? ByteString.Empty : WireText.Encode(value.Name);

    private static NodeAttribute Decode(AttributeProto proto, Node node, DecodeContext context)
    {
        try
        {
            return AttributeCodec.Decode(proto, node, context);
        }
        catch (AnnealException e)
        {
            throw new InvalidModelException($"Node {node.Title}, attribute '{WireText.Decode(proto.Name.Span)}': {e.Message}", e);
        }
    }
}
