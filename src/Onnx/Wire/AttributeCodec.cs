using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>Attributes, message to object and back. What the stated kind does not account for is kept with the unknown fields.</summary>
internal static class AttributeCodec
{
    public static NodeAttribute Decode(AttributeProto proto, Node? node, DecodeContext context)
    {
        var trace = default(WireTrace);
        var name = trace.Take(1, proto.HasName, proto.Name);
        var doc = trace.Take(13, proto.HasDocString, proto.DocString);
        var reference = trace.Take(21, proto.HasRefAttrName, proto.RefAttrName);
        var kind = proto.HasType ? (AttributeKind)trace.Take(20, true, proto.Type) : ImpliedKind(proto);
        var (kindIsImplied, contentIsImplied) = (!proto.HasType, IsAbsent(proto, kind));
        var content = reference.Length > 0 ? null : TakeContent(proto, kind, node, context);

        proto.ClearName();
        proto.ClearDocString();
        proto.ClearRefAttrName();
        proto.ClearType();
        trace.Unknown = proto.CalculateSize() > 0 ? proto.ToByteArray() : default;
        return new(name, kind, content)
        {
            ReferenceTo = reference,
            DocString = doc,
            KindIsImplied = kindIsImplied,
            ContentIsImplied = contentIsImplied,
            Trace = trace,
        };
    }

    public static AttributeProto Encode(NodeAttribute attribute, EncodeContext context)
    {
        var proto = new AttributeProto();
        if (attribute.Trace.Keeps(1, attribute.Name))
            proto.Name = WireText.Encode(attribute.Name);
        if (attribute.Trace.Keeps(13, attribute.DocString))
            proto.DocString = WireText.Encode(attribute.DocString);
        if (attribute.Trace.Keeps(21, attribute.ReferenceTo))
            proto.RefAttrName = WireText.Encode(attribute.ReferenceTo);
        if (!attribute.KindIsImplied)
            proto.Type = (int)attribute.Kind;
        if (!attribute.ContentIsImplied)
            PutContent(proto, attribute.Content, context);
        return proto.With(attribute.Trace);
    }

    /// <summary>Takes the content out of the message, so that what stays is what nobody accounts for.</summary>
    private static object? TakeContent(AttributeProto proto, AttributeKind kind, Node? node, DecodeContext context)
    {
        object? content = kind switch
        {
            AttributeKind.Float => proto.F,
            AttributeKind.Int => proto.I,
            AttributeKind.String => proto.S.Memory,
            AttributeKind.Tensor when proto.T is not null => TensorCodec.Decode(proto.T, context),
            AttributeKind.Graph when proto.G is not null => GraphCodec.Decode(proto.G, node, context),
            AttributeKind.SparseTensor when proto.SparseTensor is not null => TensorCodec.Decode(proto.SparseTensor, context),
            AttributeKind.Type when proto.Tp is not null => TypeCodec.Decode(proto.Tp),
            AttributeKind.Floats => proto.Floats.ToArray(),
            AttributeKind.Ints => proto.Ints.ToArray(),
            AttributeKind.Strings => proto.Strings.Select(s => s.Memory).ToArray(),
            AttributeKind.Tensors => proto.Tensors.Select(t => TensorCodec.Decode(t, context)).ToArray(),
            AttributeKind.Graphs => proto.Graphs.Select(g => GraphCodec.Decode(g, node, context)).ToArray(),
            AttributeKind.SparseTensors => proto.SparseTensors.Select(t => TensorCodec.Decode(t, context)).ToArray(),
            AttributeKind.Types => proto.TypeProtos.Select(TypeCodec.Decode).ToArray(),
            _ => null,
        };
        Clear(proto, kind);
        return content;
    }

    private static void Clear(AttributeProto proto, AttributeKind kind)
    {
        switch (kind)
        {
            case AttributeKind.Float: proto.ClearF(); break;
            case AttributeKind.Int: proto.ClearI(); break;
            case AttributeKind.String: proto.ClearS(); break;
            case AttributeKind.Tensor: proto.T = null; break;
            case AttributeKind.Graph: proto.G = null; break;
            case AttributeKind.SparseTensor: proto.SparseTensor = null; break;
            case AttributeKind.Type: proto.Tp = null; break;
            case AttributeKind.Floats: proto.Floats.Clear(); break;
            case AttributeKind.Ints: proto.Ints.Clear(); break;
            case AttributeKind.Strings: proto.Strings.Clear(); break;
            case AttributeKind.Tensors: proto.Tensors.Clear(); break;
            case AttributeKind.Graphs: proto.Graphs.Clear(); break;
            case AttributeKind.SparseTensors: proto.SparseTensors.Clear(); break;
            case AttributeKind.Types: proto.TypeProtos.Clear(); break;
            default: break;
        }
    }

    private static void PutContent(AttributeProto proto, object? content, EncodeContext context)
    {
        switch (content)
        {
            case null: break;
            case float number: proto.F = number; break;
            case long number: proto.I = number; break;
            case ReadOnlyMemory<byte> text: proto.S = UnsafeByteOperations.UnsafeWrap(text); break;
            case TensorData tensor: proto.T = TensorCodec.Encode(tensor, tensor.Name, context); break;
            case Graph graph: proto.G = context.Encode(graph); break;
            case SparseTensor tensor: proto.SparseTensor = TensorCodec.Encode(tensor, context); break;
            case OnnxType type: proto.Tp = TypeCodec.Encode(type); break;
            case float[] numbers: proto.Floats.AddRange(numbers); break;
            case long[] numbers: proto.Ints.AddRange(numbers); break;
            case ReadOnlyMemory<byte>[] texts: proto.Strings.AddRange(texts.Select(UnsafeByteOperations.UnsafeWrap)); break;
            case TensorData[] tensors: proto.Tensors.AddRange(tensors.Select(t => TensorCodec.Encode(t, t.Name, context))); break;
            case Graph[] graphs: proto.Graphs.AddRange(graphs.Select(context.Encode)); break;
            case SparseTensor[] tensors: proto.SparseTensors.AddRange(tensors.Select(t => TensorCodec.Encode(t, context))); break;
            case OnnxType[] types: proto.TypeProtos.AddRange(types.Select(TypeCodec.Encode)); break;
            default: throw new InvalidOperationException($"No attribute holds {content.GetType()}.");
        }
    }

    /// <summary>Whether a single content of that kind is missing from the message. Lists are never missing, only empty.</summary>
    private static bool IsAbsent(AttributeProto proto, AttributeKind kind) => kind switch
    {
        AttributeKind.Float => !proto.HasF,
        AttributeKind.Int => !proto.HasI,
        AttributeKind.String => !proto.HasS,
        _ => false,
    };

    /// <summary>IR version 1 stated no kind: it is that of the one content there is.</summary>
    private static AttributeKind ImpliedKind(AttributeProto proto) => proto switch
    {
        { HasF: true } => AttributeKind.Float,
        { HasI: true } => AttributeKind.Int,
        { HasS: true } => AttributeKind.String,
        { T: not null } => AttributeKind.Tensor,
        { G: not null } => AttributeKind.Graph,
        { SparseTensor: not null } => AttributeKind.SparseTensor,
        { Tp: not null } => AttributeKind.Type,
        { Floats.Count: > 0 } => AttributeKind.Floats,
        { Ints.Count: > 0 } => AttributeKind.Ints,
        { Strings.Count: > 0 } => AttributeKind.Strings,
        { Tensors.Count: > 0 } => AttributeKind.Tensors,
        { Graphs.Count: > 0 } => AttributeKind.Graphs,
        { SparseTensors.Count: > 0 } => AttributeKind.SparseTensors,
        { TypeProtos.Count: > 0 } => AttributeKind.Types,
        _ => AttributeKind.Undefined,
    };
}
