namespace Anneal.Onnx.Wire;

/// <summary>Decides which tensors go to a model's data file, gives each its place, and writes the file.</summary>
internal sealed class ExternalDataWriter(string location, bool everyLargeTensor, int thresholdBytes)
{
    // The page size that the format recommends, so that readers can map tensors into memory.
    private const int Alignment = 4096;

    private readonly List<(long Offset, ReadOnlyMemory<byte> Bytes)> _tensors = [];
    private long _end;

    /// <summary>Whether any tensor went to the file.</summary>
    public bool IsUsed => _tensors.Count > 0;

    /// <summary>How many bytes the tensors that went to the file would have taken inside the model.</summary>
    public long TakenBytes { get; private set; }

    /// <summary>The place of a tensor in the file, or null when it stays inside the model.</summary>
    public ExternalLocation? Take(TensorData tensor)
    {
        var wasExternal = tensor.Storage == TensorStorage.External;
        if (wasExternal && tensor.Bytes.IsEmpty)
            return null;
        if (!wasExternal && !(everyLargeTensor && tensor.Storage is TensorStorage.Raw or TensorStorage.Typed && IsLarge(tensor)))
            return null;
        var bytes = tensor.Bytes;
        var offset = (_end + Alignment - 1) / Alignment * Alignment;
        _tensors.Add((offset, bytes));
        TakenBytes += tensor.PayloadLength;
        _end = offset + bytes.Length;
        return new(location, offset, bytes.Length);
    }

    /// <summary>Writes every tensor to its place.</summary>
    public void Write(Stream stream)
    {
        foreach (var (offset, bytes) in _tensors)
        {
            stream.Position = offset;
            stream.Write(bytes.Span);
        }
    }

    private bool IsLarge(TensorData tensor) => tensor.DType.ByteLength(tensor.ElementCount) >= thresholdBytes;
}
