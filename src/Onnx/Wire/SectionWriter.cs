using Google.Protobuf.Collections;

namespace Anneal.Onnx.Wire;

/// <summary>Writes the three places where a graph describes values.</summary>
internal static class SectionWriter
{
    public static void Write(ValueList values, RepeatedField<ValueInfoProto> protos)
    {
        for (var i = 0; i < values.Count; i++)
            protos.Add(Encode(values[i].Name, values.Description(i)));
    }

    /// <summary>The values that the file described, then those that got a type since and are described nowhere.</summary>
    public static void WriteDescribed(Graph graph, RepeatedField<ValueInfoProto> protos)
    {
        Write(graph.Described, protos);
        HashSet<Value> described = [.. graph.Described, .. graph.InputList, .. graph.OutputList];
        foreach (var value in graph.Values)
            if (value.StatedType is not null && !described.Contains(value))
                protos.Add(Encode(value.Name, value.Describe()));
    }

    private static ValueInfoProto Encode(string name, ValueDescription description)
    {
        var proto = new ValueInfoProto { Name = WireText.Encode(name) };
        if (description.Type is { } type)
            proto.Type = TypeCodec.Encode(type);
        if (description.Trace.Keeps(3, description.DocString))
            proto.DocString = WireText.Encode(description.DocString);
        if (description.Metadata is { } metadata)
            EntryCodec.Encode(metadata, proto.MetadataProps);
        return proto.With(description.Trace);
    }
}
