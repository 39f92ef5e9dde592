using System.Buffers;
using System.Security.Cryptography;

namespace Anneal.Zoo;

/// <summary>SHA-256 of whole files, in large synchronous reads: a file in the system's cache is then hashed at the processor's speed.</summary>
internal static class FileDigest
{
    private const int BufferBytes = 1 << 18;

    /// <summary>The digest of a file, 64 lower-case hexadecimal digits; runs on another thread, so that the caller can load the file meanwhile.</summary>
    public static Task<string> ComputeAsync(string path, CancellationToken cancellation) => Task.Run(() =>
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(file, hash, cancellation);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }, cancellation);

    /// <summary>Feeds a stream from where it stands to its end to a hash.</summary>
    public static void Append(Stream stream, IncrementalHash hash, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
