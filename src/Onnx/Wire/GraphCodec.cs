using Google.Protobuf.Collections;

namespace Anneal.Onnx.Wire;

/// <summary>
/// Graphs and bodies of functions, message to object and back. A graph is read in two sweeps: first every name it defines, then what uses
/// them, so that neither the order of nodes nor capturing subgraphs matter.
/// </summary>
internal static class GraphCodec
{
    public static Graph Decode(GraphProto proto, Node? owner, DecodeContext context)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var graph = new Graph(trace.Take(2, proto.HasName, proto.Name))
        {
            Owner = owner,
            DocString = trace.Take(10, proto.HasDocString, proto.DocString),
        };
        var sections = new SectionReader(graph);
        foreach (var input in proto.Input)
            sections.Input(input);
        foreach (var tensor in proto.Initializer)
            DefineInitializer(graph, TensorCodec.Decode(tensor, context));
        foreach (var tensor in proto.SparseInitializer)
            DefineInitializer(graph, TensorCodec.Decode(tensor, context));
        DecodeNodes(graph, proto.Node, context, () =>
        {
            foreach (var output in proto.Output)
                sections.Output(output);
            foreach (var value in proto.ValueInfo)
                sections.Described(value);
        });
        foreach (var annotation in proto.QuantizationAnnotation)
            graph.QuantizationAnnotations.Add(Decode(annotation));
        EntryCodec.Decode(proto.MetadataProps, graph);
        graph.Trace = trace;
        return graph;
    }

    public static GraphProto Encode(Graph graph, EncodeContext context)
    {
        var proto = new GraphProto();
        if (graph.Trace.Keeps(2, graph.Name))
            proto.Name = WireText.Encode(graph.Name);
        if (graph.Trace.Keeps(10, graph.DocString))
            proto.DocString = WireText.Encode(graph.DocString);
        proto.Node.AddRange(graph.Nodes.Select(n => NodeCodec.Encode(n, context)));
        proto.Initializer.AddRange(graph.Initializers.Select(v => TensorCodec.Encode(v.Initializer!, v.Name, context)));
        proto.SparseInitializer.AddRange(graph.SparseInitializers.Select(v => TensorCodec.Encode(v.SparseInitializer!.WithName(v.Name), context)));
        SectionWriter.Write(graph.InputList, proto.Input);
        SectionWriter.Write(graph.OutputList, proto.Output);
        SectionWriter.WriteDescribed(graph, proto.ValueInfo);
        proto.QuantizationAnnotation.AddRange(graph.QuantizationAnnotations.Select(Encode));
        EntryCodec.Encode(graph, proto.MetadataProps);
        return proto.With(graph.Trace);
    }

    public static Graph DecodeBody(FunctionProto proto, string name, DecodeContext context)
    {
        var graph = new Graph(name);
        var sections = new SectionReader(graph);
        foreach (var input in proto.Input)
            graph.DefineInput(NewValue(graph, WireText.Decode(input.Span)));
        DecodeNodes(graph, proto.Node, context, () =>
        {
            foreach (var output in proto.Output)
                graph.AddOutput(graph.FindOrDefine(WireText.Decode(output.Span)));
            foreach (var value in proto.ValueInfo)
                sections.Described(value);
        });
        return graph;
    }

    public static void EncodeBody(Function function, FunctionProto proto, EncodeContext context)
    {
        proto.Input.AddRange(function.Body.Inputs.Select(v => WireText.Encode(v.Name)));
        proto.Output.AddRange(function.Body.Outputs.Select(v => WireText.Encode(v.Name)));
        proto.Node.AddRange(function.Body.Nodes.Select(n => NodeCodec.Encode(n, context)));
        SectionWriter.WriteDescribed(function.Body, proto.ValueInfo);
    }

    private static void DecodeNodes(Graph graph, RepeatedField<NodeProto> protos, DecodeContext context, Action readSections)
    {
        var nodes = new Node[protos.Count];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = NodeCodec.Define(graph, protos[i]);
        readSections();
        for (var i = 0; i < nodes.Length; i++)
            NodeCodec.Complete(nodes[i], protos[i], context);
    }

    private static void DefineInitializer(Graph graph, TensorData tensor)
    {
        var value = graph.FindOrDefine(tensor.Name);
        if (value.Initializer is not null)
            throw new InvalidModelException($"Graph '{graph.Name}' has two initializers '{tensor.Name}'.");
        graph.DefineInitializer(value, tensor);
    }

    private static void DefineInitializer(Graph graph, SparseTensor tensor)
    {
        var value = graph.FindOrDefine(tensor.Name);
        if (value.Initializer is not null || value.SparseInitializer is not null)
            throw new InvalidModelException($"Graph '{graph.Name}' has two initializers '{tensor.Name}'.");
        graph.DefineInitializer(value, tensor);
    }

    private static Value NewValue(Graph graph, string name) => graph.Find(name) is null
        ? graph.FindOrDefine(name)
        : throw new InvalidModelException($"Graph '{graph.Name}' has two inputs '{name}'.");

    private static QuantizationAnnotation Decode(TensorAnnotation proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var annotation = new QuantizationAnnotation(trace.Take(1, proto.HasTensorName, proto.TensorName));
        EntryCodec.Decode(proto.QuantParameterTensorNames, annotation.Parameters);
        annotation.Trace = trace;
        return annotation;
    }

    private static TensorAnnotation Encode(QuantizationAnnotation annotation)
    {
        var proto = new TensorAnnotation();
        if (annotation.Trace.Keeps(1, annotation.TensorName))
            proto.TensorName = WireText.Encode(annotation.TensorName);
        EntryCodec.Encode(annotation.Parameters, proto.QuantParameterTensorNames);
        return proto.With(annotation.Trace);
    }
}
