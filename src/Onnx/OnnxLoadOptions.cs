namespace Anneal.Onnx;

/// <summary>What loading a model accepts.</summary>
public sealed record OnnxLoadOptions
{
    /// <summary>
    /// How deep messages may be nested, 1 to 100; a subgraph takes three levels. Default 100, as deep as ONNX Runtime reads.
    /// </summary>
    public int MaxNesting
    {
        get;
        init => field = value is >= 1 and <= 100 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected 1 to 100.");
    } = 100;

    /// <summary>
    /// How many messages, names and strings a model may have, together; a bound on memory, since each takes far more of it than of the
    /// file. Default 10 million.
    /// </summary>
    public long MaxParts { get; init; } = 10_000_000;

    /// <summary>How many bytes of external data a model may have, together. Default: no limit.</summary>
    public long MaxExternalBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Whether external data may lie in a file with more than one hard link. Default false: a link can give a name under the model's folder
    /// to a file that belongs elsewhere.
    /// </summary>
    public bool AllowHardLinks { get; init; }

    /// <summary>
    /// Whether external data is read. When false, such tensors have type, dims and <see cref="TensorData.External"/> and no elements.
    /// Default true.
    /// </summary>
    public bool ReadExternalData { get; init; } = true;
}
