using Google.Protobuf.Collections;

namespace Anneal.Onnx.Wire;

/// <summary>Lists of key and value, message to object and back.</summary>
internal static class EntryCodec
{
    public static void Decode(RepeatedField<StringStringEntryProto> protos, Metadata entries)
    {
        foreach (var proto in protos)
            entries.Add(Decode(proto));
    }

    /// <summary>As the other overload, touching the part's metadata only when there is some.</summary>
    public static void Decode(RepeatedField<StringStringEntryProto> protos, Annotated part)
    {
        if (protos.Count > 0)
            Decode(protos, part.Metadata);
    }

    public static void Encode(Annotated part, RepeatedField<StringStringEntryProto> protos)
    {
        if (part.HasMetadata)
            Encode(part.Metadata, protos);
    }

    public static void Encode(Metadata entries, RepeatedField<StringStringEntryProto> protos) => protos.AddRange(entries.Select(Encode));

    private static MetadataEntry Decode(StringStringEntryProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var key = trace.Take(1, proto.HasKey, proto.Key);
        return new(key, trace.Take(2, proto.HasValue, proto.Value)) { Trace = trace };
    }

    private static StringStringEntryProto Encode(MetadataEntry entry)
    {
        var proto = new StringStringEntryProto();
        if (entry.Trace.Keeps(1, entry.Key))
            proto.Key = WireText.Encode(entry.Key);
        if (entry.Trace.Keeps(2, entry.Value))
            proto.Value = WireText.Encode(entry.Value);
        return proto.With(entry.Trace);
    }
}
