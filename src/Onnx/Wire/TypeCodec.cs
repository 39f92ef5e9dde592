namespace Anneal.Onnx.Wire;

/// <summary>Types and shapes, message to object and back.</summary>
internal static class TypeCodec
{
    public static OnnxType Decode(TypeProto proto)
    {
        var outer = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var denotation = outer.Take(6, proto.HasDenotation, proto.Denotation);
        var inner = default(WireTrace);
        OnnxType type = proto.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => Decode(proto.TensorType, ref inner),
            TypeProto.ValueOneofCase.SparseTensorType => Decode(proto.SparseTensorType, ref inner),
            TypeProto.ValueOneofCase.SequenceType => Decode(proto.SequenceType, ref inner),
            TypeProto.ValueOneofCase.OptionalType => Decode(proto.OptionalType, ref inner),
            TypeProto.ValueOneofCase.MapType => Decode(proto.MapType, ref inner),
            TypeProto.ValueOneofCase.OpaqueType => Decode(proto.OpaqueType, ref inner),
            _ => new UnstatedType(),
        };
        return type with { Denotation = denotation, Trace = new() { Type = outer, Inner = inner } };
    }

    public static TypeProto Encode(OnnxType type)
    {
        var proto = new TypeProto();
        var inner = type.Trace.Inner;
        switch (type)
        {
            case TensorType tensor: proto.TensorType = Encode(tensor, inner); break;
            case SparseTensorType tensor: proto.SparseTensorType = Encode(tensor, inner); break;
            case SequenceType sequence: proto.SequenceType = new TypeProto.Types.Sequence { ElemType = Inner(sequence.Element) }.With(inner); break;
            case OptionalType optional: proto.OptionalType = new TypeProto.Types.Optional { ElemType = Inner(optional.Element) }.With(inner); break;
            case MapType map: proto.MapType = Encode(map, inner); break;
            case OpaqueType opaque: proto.OpaqueType = Encode(opaque, inner); break;
            default: break;
        }
        if (type.Trace.Type.Keeps(6, type.Denotation))
            proto.Denotation = WireText.Encode(type.Denotation);
        return proto.With(type.Trace.Type);
    }

    private static TypeProto? Inner(OnnxType? type) => type is null ? null : Encode(type);

    private static TensorType Decode(TypeProto.Types.Tensor proto, ref WireTrace trace)
    {
        trace.Unknown = UnknownFields.Save(proto);
        var type = (DType)trace.Take(1, proto.HasElemType, proto.ElemType);
        return new(type, proto.Shape is null ? null : Decode(proto.Shape));
    }

    private static TypeProto.Types.Tensor Encode(TensorType type, in WireTrace trace)
    {
        var proto = new TypeProto.Types.Tensor();
        if (trace.Keeps(1, (long)type.ElementType))
            proto.ElemType = (int)type.ElementType;
        if (type.Shape is { } shape)
            proto.Shape = Encode(shape);
        return proto.With(trace);
    }

    private static SparseTensorType Decode(TypeProto.Types.SparseTensor proto, ref WireTrace trace)
    {
        trace.Unknown = UnknownFields.Save(proto);
        var type = (DType)trace.Take(1, proto.HasElemType, proto.ElemType);
        return new(type, proto.Shape is null ? null : Decode(proto.Shape));
    }

    private static TypeProto.Types.SparseTensor Encode(SparseTensorType type, in WireTrace trace)
    {
        var proto = new TypeProto.Types.SparseTensor();
        if (trace.Keeps(1, (long)type.ElementType))
            proto.ElemType = (int)type.ElementType;
        if (type.Shape is { } shape)
            proto.Shape = Encode(shape);
        return proto.With(trace);
    }

    private static SequenceType Decode(TypeProto.Types.Sequence proto, ref WireTrace trace)
    {
        trace.Unknown = UnknownFields.Save(proto);
        return new(proto.ElemType is null ? null : Decode(proto.ElemType));
    }

    private static OptionalType Decode(TypeProto.Types.Optional proto, ref WireTrace trace)
    {
        trace.Unknown = UnknownFields.Save(proto);
        return new(proto.ElemType is null ? null : Decode(proto.ElemType));
    }

    private static MapType Decode(TypeProto.Types.Map proto, ref WireTrace trace)
    {
        trace.Unknown = UnknownFields.Save(proto);
        var key = (DType)trace.Take(1, proto.HasKeyType, proto.KeyType);
        return new(key, proto.ValueType is null ? null : Decode(proto.ValueType));
    }

    private static TypeProto.Types.Map Encode(MapType type, in WireTrace trace)
    {
        var proto = new TypeProto.Types.Map { ValueType = Inner(type.Value) };
        if (trace.Keeps(1, (long)type.Key))
            proto.KeyType = (int)type.Key;
        return proto.With(trace);
    }

    private static OpaqueType Decode(TypeProto.Types.Opaque proto, ref WireTrace trace)
    {
        trace.Unknown = UnknownFields.Save(proto);
        var domain = trace.Take(1, proto.HasDomain, proto.Domain);
        return new(domain, trace.Take(2, proto.HasName, proto.Name));
    }

    private static TypeProto.Types.Opaque Encode(OpaqueType type, in WireTrace trace)
    {
        var proto = new TypeProto.Types.Opaque();
        if (trace.Keeps(1, type.Domain))
            proto.Domain = WireText.Encode(type.Domain);
        if (trace.Keeps(2, type.Name))
            proto.Name = WireText.Encode(type.Name);
        return proto.With(trace);
    }

    private static Shape Decode(TensorShapeProto proto)
    {
        var (dims, traces) = (new Dim[proto.Dim.Count], new DimTrace[proto.Dim.Count]);
        for (var i = 0; i < dims.Length; i++)
        {
            var dim = proto.Dim[i];
            var trace = new WireTrace { Unknown = UnknownFields.Save(dim) };
            dims[i] = dim.ValueCase switch
            {
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => Dim.Of(dim.DimValue),
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam => Dim.Named(WireText.Decode(dim.DimParam.Span)),
                _ => Dim.Unknown,
            };
            var denotation = trace.Take(3, dim.HasDenotation, dim.Denotation);
            traces[i] = new(denotation, trace);
        }
        return new(dims) { Trace = new(new() { Unknown = UnknownFields.Save(proto) }, traces) };
    }

    private static TensorShapeProto Encode(Shape shape)
    {
        var proto = new TensorShapeProto();
        for (var i = 0; i < shape.Rank; i++)
            proto.Dim.Add(Encode(shape[i], shape.Trace?.Dims[i] ?? new("", default)));
        return proto.With(shape.Trace?.Shape ?? default);
    }

    private static TensorShapeProto.Types.Dimension Encode(Dim dim, DimTrace trace)
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (dim.IsKnown)
            proto.DimValue = dim.Value;
        else if (dim.Symbol is { } symbol)
            proto.DimParam = WireText.Encode(symbol);
        if (trace.Trace.Keeps(3, trace.Denotation))
            proto.Denotation = WireText.Encode(trace.Denotation);
        return proto.With(trace.Trace);
    }
}
