using System.Security.Cryptography;
using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Computes a file's SHA-256 on a thread of its own while an engine reads the same file. The file is streamed through one small
/// buffer; both readers share the system's cache, so the disk is read once.
/// </summary>
internal sealed class FileDigest
{
    private const int BufferBytes = 256 * 1024;
    private readonly string _path;
    private readonly string _expected;
    private readonly FileStamp _stamp;
    private readonly Task<string> _digest;

    private FileDigest(string path, string expected)
    {
        (_path, _expected, _stamp) = (path, expected, FileStamp.Of(path));
        _digest = Task.Factory.StartNew(Compute, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Starts computing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">64 hexadecimal digits, lower case.</param>
    public static FileDigest Start(string path, string expected) => new(path, expected);

    /// <summary>Waits for the digest and compares.</summary>
    /// <exception cref="InvalidModelException">It differs, or the file was replaced meanwhile: what was opened may not be what was hashed.</exception>
    public void Require()
    {
        string actual;
        try
        {
            actual = _digest.GetAwaiter().GetResult();
        }
        catch (IOException error)
        {
            throw new InvalidModelException($"The model '{_path}' could not be read to the end for its SHA-256: {error.Message}", error);
        }
        if (actual != _expected)
            throw new InvalidModelException($"The model '{_path}' is not the file it should be. Expected SHA-256 {_expected}, found {actual}. Delete it and fetch it again.");
        if (FileStamp.Of(_path) != _stamp)
            throw new InvalidModelException($"The model '{_path}' was replaced while it was opened. Open it again.");
    }

    private string Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(_path, options: FileOptions.SequentialScan);
        var buffer = new byte[BufferBytes];
        for (var offset = 0L; RandomAccess.Read(file, buffer, offset) is > 0 and var read; offset += read)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private readonly record struct FileStamp(long Length, DateTime Written)
    {
        public static FileStamp Of(string path)
        {
            var info = new FileInfo(path);
            return new(info.Length, info.LastWriteTimeUtc);
        }
    }
}
