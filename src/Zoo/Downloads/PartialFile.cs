using System.Security.Cryptography;
using System.Text.Json;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>What a server said of the version it sends: bytes of one version may be joined, those of two may not.</summary>
/// <param name="Source">The address that sent it.</param>
/// <param name="Value">A strong entity tag with its quotes, or a Last-Modified date: what <c>If-Range</c> takes (RFC 9110, 13.1.5).</param>
internal sealed record Validator(string Source, string Value);

/// <summary>
/// The part of a file that has come so far, with the validator beside it. It survives a kill; it is used only under the file's lock.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _validatorPath;

    private PartialFile(FileStream stream, string validatorPath) => (_stream, _validatorPath) = (stream, validatorPath);

    /// <summary>How many bytes have come.</summary>
    public long Length => _stream.Length;

    /// <summary>Opens or begins the part.</summary>
    public static PartialFile Open(string path) =>
        new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), ValidatorPath(path));

    /// <summary>Removes a part and its validator.</summary>
    public static void Delete(string path)
    {
        File.Delete(ValidatorPath(path));
        File.Delete(path);
    }

    /// <summary>Removes a part that cannot be continued.</summary>
    public static void DeleteUnlessResumable(string path)
    {
        if (ReadValidator(path) is null)
            Delete(path);
    }

    /// <summary>The validator of a part, or null when there is none (or none that can be read), so that it cannot be continued.</summary>
    public static Validator? ReadValidator(string path)
    {
        if (!File.Exists(ValidatorPath(path)))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(ValidatorPath(path)), CacheJson.Default.Validator);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Feeds all bytes so far to a hash; further bytes are then written after them.</summary>
    public void Hash(IncrementalHash hash, CancellationToken cancellation)
    {
        _stream.Position = 0;
        FileDigest.Append(_stream, hash, cancellation);
    }

    /// <summary>Begins anew: no bytes, and the validator of those to come. The old validator goes first, so that none ever vouches for foreign bytes.</summary>
    public void Restart(Validator? validator)
    {
        File.Delete(_validatorPath);
        _stream.SetLength(0);
        _stream.Position = 0;
        if (validator is not null)
            AtomicFile.Write(_validatorPath, file => JsonSerializer.Serialize(file, validator, CacheJson.Default.Validator));
    }

    /// <summary>Adds bytes at the end.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Waits until the bytes are on the disk.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static string ValidatorPath(string path) => path + ".json";
}
