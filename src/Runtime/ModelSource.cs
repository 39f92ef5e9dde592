using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Where a model comes from: a file (external data is found beside it), the bytes of one, or a model built in memory. Immutable; the
/// bytes must not change while a session opens on them, and are not needed after.
/// </summary>
public sealed class ModelSource
{
    private ModelSource(string? path, ReadOnlyMemory<byte> bytes, string? sha256 = null) => (Path, Bytes, Sha256) = (path, bytes, sha256);

    /// <summary>The full path of the file, or null when the model is in memory.</summary>
    public string? Path { get; }

    /// <summary>The serialised model, when <see cref="Path"/> is null.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The SHA-256 that the file must have, 64 hexadecimal digits in lower case, or null when it is not checked.</summary>
    public string? Sha256 { get; }

    /// <summary>A model file; opened by path, so that weights are read once and external data is found.</summary>
    public static ModelSource FromFile(string path) => new(System.IO.Path.GetFullPath(path), default);

    /// <summary>
    /// A model file that must have this digest. It is computed on another thread while the file is opened; a session on a file that
    /// differs is never given out. Covers the file itself, not external data beside it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">64 hexadecimal digits, in either case.</param>
    /// <exception cref="AnnealException"><paramref name="sha256"/> is no SHA-256.</exception>
    public static ModelSource FromFile(string path, string sha256)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        return sha256.Length == 64 && sha256.All(char.IsAsciiHexDigit)
            ? new(System.IO.Path.GetFullPath(path), default, sha256.ToLowerInvariant())
            : throw new AnnealException($"'{sha256}' is no SHA-256. Expected 64 hexadecimal digits, got {sha256.Length} characters.");
    }

    /// <summary>A serialised model in memory; external data is refused.</summary>
    public static ModelSource FromBytes(ReadOnlyMemory<byte> bytes) => new(null, bytes);

    /// <summary>A model in memory as it is now; its weights are copied, and later changes to it do not reach the session.</summary>
    /// <exception cref="AnnealException">The model is larger than the 2 GB that one message can be; save it and open the file.</exception>
    public static ModelSource FromModel(Model model) => FromBytes(OnnxFile.ToBytes(model));

    /// <summary>A model file, named by its path alone.</summary>
    public static implicit operator ModelSource(string path) => FromFile(path);

    /// <summary>The model as the beginning of a sentence.</summary>
    internal string Subject => Path is null ? $"The model of {Bytes.Length} bytes in memory" : $"The model '{Path}'";

    /// <summary>Says what is plainly wrong before the native side does.</summary>
    internal void RequireUsable()
    {
        if (Path is null)
            RequireWhole();
        else if (!File.Exists(Path))
            throw new InvalidModelException(Directory.Exists(Path) ? $"{Subject} is a folder. Expected an ONNX file." : $"{Subject} does not exist.");
    }

    /// <summary>The path, or the number of bytes.</summary>
    public override string ToString() => Path ?? $"a model of {Bytes.Length} bytes in memory";

    private void RequireWhole()
    {
        if (ExternalDataScan.Find(Bytes.Span) is { } found)
            throw new InvalidModelException($"{Subject} keeps data in another file ({found}), and a model in memory has no folder to find it in. Open it from its file.");
    }
}
