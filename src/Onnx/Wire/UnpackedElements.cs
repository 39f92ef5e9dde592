using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>
/// Elements of a tensor that were written one field each instead of packed. The format asks for packed, readers must accept both; here they
/// arrive among the unknown fields and are packed, so that the rest of the library knows one form.
/// </summary>
internal static class UnpackedElements
{
    /// <summary>Moves elements out of a tensor's unknown fields; returns the unknown fields that stay.</summary>
    public static ReadOnlyMemory<byte> Pack(TensorProto proto)
    {
        var unknown = UnknownFields.Save(proto);
        if (unknown.IsEmpty)
            return unknown;
        var packed = new SortedDictionary<TypedField, List<byte>>();
        var rest = new List<byte>();
        using var input = new CodedInputStream(unknown.ToArray());
        for (int start = 0, end; input.ReadTag() is not 0 and var tag; start = end)
        {
            var afterTag = (int)input.Position;
            input.SkipLastField();
            end = (int)input.Position;
            if (IsElement(tag, out var field))
                Block(packed, field).AddRange(unknown.Span[afterTag..end]);
            else
                rest.AddRange(unknown.Span[start..end]);
        }
        foreach (var (field, bytes) in packed)
            TensorCodec.BlocksOf(proto, field).Add(UnsafeByteOperations.UnsafeWrap(bytes.ToArray()));
        return rest.ToArray();
    }

    private static bool IsElement(uint tag, out TypedField field)
    {
        field = (TypedField)WireFormat.GetTagFieldNumber(tag);
        var wire = WireFormat.GetTagWireType(tag);
        return field switch
        {
            TypedField.Float => wire == WireFormat.WireType.Fixed32,
            TypedField.Double => wire == WireFormat.WireType.Fixed64,
            TypedField.Int32 or TypedField.Int64 or TypedField.UInt64 => wire == WireFormat.WireType.Varint,
            _ => false,
        };
    }

    private static List<byte> Block(SortedDictionary<TypedField, List<byte>> packed, TypedField field) =>
        packed.TryGetValue(field, out var block) ? block : packed[field] = [];
}
