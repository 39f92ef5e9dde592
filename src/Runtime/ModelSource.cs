namespace Anneal.Runtime;

/// <summary>Where a model comes from: a file (external data is found beside it) or the bytes of one.</summary>
public sealed class ModelSource
{
    private ModelSource(string? path, ReadOnlyMemory<byte> bytes) => (Path, Bytes) = (path, bytes);

    /// <summary>The full path of the file, or null when the model is in memory.</summary>
    public string? Path { get; }

    /// <summary>The serialised model, when <see cref="Path"/> is null.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A model file; opened by path, so that weights are read once and external data is found.</summary>
    public static ModelSource FromFile(string path) => new(System.IO.Path.GetFullPath(path), default);

    /// <summary>A serialised model in memory; external data is refused.</summary>
    public static ModelSource FromBytes(ReadOnlyMemory<byte> bytes) => new(null, bytes);

    /// <summary>A model file, named by its path alone.</summary>
    public static implicit operator ModelSource(string path) => FromFile(path);

    /// <summary>The path, or the number of bytes.</summary>
    public override string ToString() => Path ?? $"a model of {Bytes.Length} bytes in memory";
}
