using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>From objects to bytes: decide what goes outside, encode, stream out, rename into place.</summary>
internal static class ModelWriter
{
    public static byte[] ToBytes(Model model)
    {
        var proto = ModelCodec.Encode(model, new(null));
        RequireSize(model, proto, 0);
        return proto.ToByteArray();
    }

    public static void Save(Model model, string path, OnnxSaveOptions options)
    {
        var dataPath = path + ".data";
        var external = External(model, dataPath, options);
        var proto = ModelCodec.Encode(model, new(external));
        RequireSize(model, proto, external?.TakenBytes ?? 0);
        if (external is { IsUsed: true })
            RequireReplaceable(path, dataPath, options);
        try
        {
            Write(proto, path, external is { IsUsed: true } ? external : null, dataPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{path} could not be written: {e.Message}", e);
        }
    }

    /// <summary>Both files are whole on the disk before either takes its place; the data goes first, since the model refers to it.</summary>
    private static void Write(ModelProto proto, string path, ExternalDataWriter? external, string dataPath)
    {
        using var file = new PendingFile(path);
        using (var output = new CodedOutputStream(file.Stream, 1 << 16, leaveOpen: true))
            proto.WriteTo(output);
        if (external is null)
        {
            file.Commit();
            return;
        }
        // Nobody named this file: a link under its name was not laid by whoever saves, and may lead anywhere.
        using var data = new PendingFile(dataPath, followLink: false);
        external.Write(data.Stream);
        data.Complete();
        file.Complete();
        data.Commit();
        file.Commit();
    }

    private static ExternalDataWriter? External(Model model, string dataPath, OnnxSaveOptions options)
    {
        if (options.ExternalData == ExternalDataPolicy.Never)
            return null;
        var everything = options.ExternalData == ExternalDataPolicy.Always || Tensors(model).Sum(t => t.PayloadLength) > options.MaxInlineBytes;
        return new(Path.GetFileName(dataPath), everything, options.ExternalThresholdBytes);
    }

    /// <summary>Every dense tensor: initializers and those in attributes. Sparse ones stay inside and are small.</summary>
    private static IEnumerable<TensorData> Tensors(Model model)
    {
        foreach (var graph in model.AllGraphs())
        {
            foreach (var value in graph.Initializers)
                yield return value.Initializer!;
            foreach (var tensor in graph.Nodes.SelectMany(n => n.Attributes).SelectMany(Tensors))
                yield return tensor;
        }
    }

    private static TensorData[] Tensors(NodeAttribute attribute) => attribute.Content switch { TensorData one => [one], TensorData[] many => many, _ => [] };

    /// <summary>A size is computed in 32 bits and turns negative when it does not fit.</summary>
    private static void RequireSize(Model model, ModelProto proto, long outsideBytes)
    {
        if (Tensors(model).Sum(t => t.PayloadLength) - outsideBytes > uint.MaxValue || proto.CalculateSize() < 0)
            throw new AnnealException($"Model '{model.Graph.Name}' does not fit the format's limit of 2 GB. Save it to a file with its weights as external data ({nameof(ExternalDataPolicy)}.{nameof(ExternalDataPolicy.Auto)}).");
    }

    /// <summary>An existing data file may go only when the model that stands at the path says that it is its own.</summary>
    private static void RequireReplaceable(string path, string dataPath, OnnxSaveOptions options)
    {
        if (options.OverwriteExternalData || !File.Exists(dataPath))
            return;
        var isOwn = File.Exists(path) && Tensors(OnnxFile.Load(path, new() { ReadExternalData = false }))
            .Any(t => t.External is { } external && external.Location == Path.GetFileName(dataPath));
        if (!isOwn)
            throw new AnnealException($"{dataPath} exists and no model at {path} refers to it; it may belong to another. Save elsewhere, remove it, or allow it with {nameof(OnnxSaveOptions)}.{nameof(OnnxSaveOptions.OverwriteExternalData)}.");
    }
}
