using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>A file about to be written: its header, and the tensors in the order in which their elements follow it.</summary>
internal sealed class SafeTensorsContent
{
    public const string MetadataName = "__metadata__";
    public const int LengthBytes = sizeof(ulong);

    /// <summary>The most bytes that a header may have: the format's own limit.</summary>
    public const int MostHeaderBytes = 100_000_000;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly KeyValuePair<string, TensorData>[] _tensors;

    public SafeTensorsContent(IReadOnlyDictionary<string, TensorData> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var (name, tensor) in tensors)
            Require(name, tensor);
        _tensors = [.. tensors.OrderByDescending(named => SafeTensorsTypes.RankOf(named.Value.DType)).ThenBy(named => named.Key, StringComparer.Ordinal)];
        Head = WriteHead(metadata);
    }

    /// <summary>The header with its length before it. Whoever seals a file changes a few bytes in here.</summary>
    public byte[] Head { get; }

    /// <summary>The elements of each tensor, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Elements => _tensors.Select(named => named.Value.Bytes);

    public void Save(string path)
    {
        try
        {
            AtomicFile.Write(path, Write);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{path} cannot be written: {error.Message} What stood there before still does.", error);
        }
    }

    private void Write(Stream stream)
    {
        stream.Write(Head);
        foreach (var elements in Elements)
            stream.Write(elements.Span);
    }

    private static void Require(string name, TensorData tensor)
    {
        if (name == MetadataName)
            throw new AnnealException($"A tensor cannot be called '{MetadataName}': there the format keeps its texts. Give it another name.");
        if (SafeTensorsTypes.RankOf(tensor.DType) < 0)
            throw new AnnealException($"Tensor '{name}' holds {tensor.DType}, for which safetensors has no name. It has {string.Join(", ", SafeTensorsTypes.Names)}.");
    }

    private byte[] WriteHead(IReadOnlyDictionary<string, string> metadata)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Plain))
            WriteHeader(writer, metadata);
        // Spaces up to a multiple of 8, so that the elements after it are aligned.
        var length = (json.WrittenCount + LengthBytes - 1) / LengthBytes * LengthBytes;
        if (length > MostHeaderBytes)
            throw new AnnealException($"The names and texts need a header of {length} bytes; safetensors allows {MostHeaderBytes}. Put fewer or shorter texts into it.");
        var head = new byte[LengthBytes + length];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)length);
        json.WrittenSpan.CopyTo(head.AsSpan(LengthBytes));
        head.AsSpan(LengthBytes + json.WrittenCount).Fill((byte)' ');
        return head;
    }

    private void WriteHeader(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject(MetadataName);
            foreach (var (name, text) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                json.WriteString(name, text);
            json.WriteEndObject();
        }
        var offset = 0L;
        foreach (var (name, tensor) in _tensors)
            offset = WriteTensor(json, name, tensor, offset);
        json.WriteEndObject();
    }

    private static long WriteTensor(Utf8JsonWriter json, string name, TensorData tensor, long begin)
    {
        var end = begin + tensor.Bytes.Length;
        json.WriteStartObject(name);
        json.WriteString("dtype", SafeTensorsTypes.NameOf(tensor.DType));
        json.WriteStartArray("shape");
        foreach (var extent in tensor.Dims)
            json.WriteNumberValue(extent);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }
}
