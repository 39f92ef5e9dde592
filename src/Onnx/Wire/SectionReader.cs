using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>
/// Reads the three places where a graph describes values: inputs, outputs and the list of values. The first description of a value becomes
/// the value's own; a later one that says something else is kept with its place.
/// </summary>
internal sealed class SectionReader(Graph graph)
{
    private readonly Dictionary<Value, ValueInfoProto> _first = [];

    public void Input(ValueInfoProto proto)
    {
        var name = WireText.Decode(proto.Name.Span);
        if (graph.Find(name) is not null)
            throw new InvalidModelException($"Graph '{graph.Name}' has two inputs '{name}'.");
        var value = graph.FindOrDefine(name);
        Describe(value, proto);
        graph.DefineInput(value);
    }

    /// <summary>An output may be a value of a graph around; a name that nothing makes is the graph's own.</summary>
    public void Output(ValueInfoProto proto)
    {
        var name = WireText.Decode(proto.Name.Span);
        var value = graph.FindVisible(name) ?? graph.FindOrDefine(name);
        graph.OutputList.Add(value, Describe(value, proto));
        value.AddOutputOf(graph);
    }

    public void Described(ValueInfoProto proto)
    {
        var value = graph.FindOrDefine(WireText.Decode(proto.Name.Span));
        graph.Described.Add(value, Describe(value, proto));
    }

    /// <summary>What the place has to keep: nothing when the value says the same.</summary>
    private ValueDescription? Describe(Value value, ValueInfoProto proto)
    {
        var isFirst = value.Graph == graph && _first.TryAdd(value, proto);
        if (!isFirst)
            return value.Graph == graph && SaysTheSame(_first[value], proto) ? null : Decode(proto);
        var described = Decode(proto);
        (value.Type, value.DocString, value.Trace) = (described.Type, described.DocString, described.Trace);
        EntryCodec.Decode(proto.MetadataProps, value);
        return null;
    }

    /// <summary>Whether two descriptions are the same bytes; the messages' own Equals takes an absent field for its default.</summary>
    private static bool SaysTheSame(ValueInfoProto first, ValueInfoProto second) => first.ToByteString().Equals(second.ToByteString());

    private static ValueDescription Decode(ValueInfoProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var type = proto.Type is null ? null : TypeCodec.Decode(proto.Type);
        var doc = trace.Take(3, proto.HasDocString, proto.DocString);
        var metadata = new Metadata();
        EntryCodec.Decode(proto.MetadataProps, metadata);
        return new(type, doc, metadata, trace);
    }
}
