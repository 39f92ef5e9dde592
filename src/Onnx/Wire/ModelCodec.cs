namespace Anneal.Onnx.Wire;

/// <summary>Models, functions and training steps, message to object and back, field by field.</summary>
internal static class ModelCodec
{
    public static Model Decode(ModelProto proto, DecodeContext context)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var graph = proto.Graph is null ? new Graph() : GraphCodec.Decode(proto.Graph, null, context);
        var model = new Model(graph)
        {
            IrVersion = trace.Take(1, proto.HasIrVersion, proto.IrVersion),
            ProducerName = trace.Take(2, proto.HasProducerName, proto.ProducerName),
            ProducerVersion = trace.Take(3, proto.HasProducerVersion, proto.ProducerVersion),
            Domain = trace.Take(4, proto.HasDomain, proto.Domain),
            ModelVersion = trace.Take(5, proto.HasModelVersion, proto.ModelVersion),
            DocString = trace.Take(6, proto.HasDocString, proto.DocString),
            GraphIsImplied = proto.Graph is null,
        };
        foreach (var set in proto.OpsetImport)
            model.OperatorSets.Add(Decode(set));
        EntryCodec.Decode(proto.MetadataProps, model);
        foreach (var training in proto.TrainingInfo)
            model.TrainingInfo.Add(Decode(training, context));
        foreach (var function in proto.Functions)
            model.Functions.Add(Decode(function, context));
        foreach (var configuration in proto.Configuration)
            model.DeviceConfigurations.Add(DeviceCodec.Decode(configuration));
        model.Trace = trace;
        return model;
    }

    public static ModelProto Encode(Model model, EncodeContext context)
    {
        var trace = model.Trace;
        var proto = new ModelProto();
        if (trace.Keeps(1, model.IrVersion))
            proto.IrVersion = model.IrVersion;
        if (trace.Keeps(2, model.ProducerName))
            proto.ProducerName = WireText.Encode(model.ProducerName);
        if (trace.Keeps(3, model.ProducerVersion))
            proto.ProducerVersion = WireText.Encode(model.ProducerVersion);
        if (trace.Keeps(4, model.Domain))
            proto.Domain = WireText.Encode(model.Domain);
        if (trace.Keeps(5, model.ModelVersion))
            proto.ModelVersion = model.ModelVersion;
        if (trace.Keeps(6, model.DocString))
            proto.DocString = WireText.Encode(model.DocString);
        if (!model.GraphIsImplied || model.Graph.Values.Count > 0 || model.Graph.Nodes.Count > 0)
            proto.Graph = context.Encode(model.Graph);
        proto.OpsetImport.AddRange(model.OperatorSets.Select(Encode));
        EntryCodec.Encode(model, proto.MetadataProps);
        proto.TrainingInfo.AddRange(model.TrainingInfo.Select(t => Encode(t, context)));
        proto.Functions.AddRange(model.Functions.Select(f => Encode(f, context)));
        proto.Configuration.AddRange(model.DeviceConfigurations.Select(DeviceCodec.Encode));
        return proto.With(trace);
    }

    private static OperatorSet Decode(OperatorSetIdProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var domain = trace.Take(1, proto.HasDomain, proto.Domain);
        return new(domain, trace.Take(2, proto.HasVersion, proto.Version)) { Trace = trace };
    }

    private static OperatorSetIdProto Encode(OperatorSet set)
    {
        var proto = new OperatorSetIdProto();
        if (set.Trace.Keeps(1, set.Domain))
            proto.Domain = WireText.Encode(set.Domain);
        if (set.Trace.Keeps(2, set.Version))
            proto.Version = set.Version;
        return proto.With(set.Trace);
    }

    private static TrainingInfo Decode(TrainingInfoProto proto, DecodeContext context)
    {
        var training = new TrainingInfo
        {
            Initialization = proto.Initialization is null ? null : GraphCodec.Decode(proto.Initialization, null, context),
            Algorithm = proto.Algorithm is null ? null : GraphCodec.Decode(proto.Algorithm, null, context),
            Trace = new() { Unknown = UnknownFields.Save(proto) },
        };
        EntryCodec.Decode(proto.InitializationBinding, training.InitializationBinding);
        EntryCodec.Decode(proto.UpdateBinding, training.UpdateBinding);
        return training;
    }

    private static TrainingInfoProto Encode(TrainingInfo training, EncodeContext context)
    {
        var proto = new TrainingInfoProto();
        if (training.Initialization is { } initialization)
            proto.Initialization = context.Encode(initialization);
        if (training.Algorithm is { } algorithm)
            proto.Algorithm = context.Encode(algorithm);
        EntryCodec.Encode(training.InitializationBinding, proto.InitializationBinding);
        EntryCodec.Encode(training.UpdateBinding, proto.UpdateBinding);
        return proto.With(training.Trace);
    }

    private static Function Decode(FunctionProto proto, DecodeContext context)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var domain = trace.Take(10, proto.HasDomain, proto.Domain);
        var name = trace.Take(1, proto.HasName, proto.Name);
        var function = new Function(domain, name, GraphCodec.DecodeBody(proto, name, context))
        {
            Overload = trace.Take(13, proto.HasOverload, proto.Overload),
            DocString = trace.Take(8, proto.HasDocString, proto.DocString),
        };
        foreach (var attribute in proto.Attribute)
            function.Attributes.Add(WireText.Decode(attribute.Span));
        foreach (var attribute in proto.AttributeProto)
            function.AttributeDefaults.Add(AttributeCodec.Decode(attribute, null, context));
        foreach (var set in proto.OpsetImport)
            function.OperatorSets.Add(Decode(set));
        EntryCodec.Decode(proto.MetadataProps, function);
        function.Trace = trace;
        return function;
    }

    private static FunctionProto Encode(Function function, EncodeContext context)
    {
        var proto = new FunctionProto();
        if (function.Trace.Keeps(1, function.Name))
            proto.Name = WireText.Encode(function.Name);
        if (function.Trace.Keeps(8, function.DocString))
            proto.DocString = WireText.Encode(function.DocString);
        if (function.Trace.Keeps(10, function.Domain))
            proto.Domain = WireText.Encode(function.Domain);
        if (function.Trace.Keeps(13, function.Overload))
            proto.Overload = WireText.Encode(function.Overload);
        GraphCodec.EncodeBody(function, proto, context);
        proto.Attribute.AddRange(function.Attributes.Select(WireText.Encode));
        proto.AttributeProto.AddRange(function.AttributeDefaults.Select(a => AttributeCodec.Encode(a, context)));
        proto.OpsetImport.AddRange(function.OperatorSets.Select(Encode));
        EntryCodec.Encode(function, proto.MetadataProps);
        return proto.With(function.Trace);
    }
}
