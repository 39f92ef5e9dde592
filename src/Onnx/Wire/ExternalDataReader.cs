using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx.Wire;

/// <summary>
/// Reads tensors that lie outside the model's file. The file must lie under the model's folder, as given and as resolved, be an ordinary
/// file with one link, and hold the bytes that are asked for.
/// </summary>
internal sealed class ExternalDataReader(string? folder, OnnxLoadOptions options) : IDisposable
{
    private readonly Dictionary<string, SafeFileHandle> _open = [];
    private readonly Dictionary<string, string> _checksums = [];
    private long _total;

    /// <summary>Opens a file to read; between the checks before and after, anything may happen to its name.</summary>
    internal Func<string, SafeFileHandle> OpenFile { get; init; } = path => File.OpenHandle(path, options: FileOptions.SequentialScan);

    /// <summary>The elements of a tensor.</summary>
    /// <param name="tensor">The tensor's name.</param>
    /// <param name="location">Where the model says they are.</param>
    /// <param name="expected">How many bytes type and dims ask for; null for an unknown type.</param>
    public TensorElements Read(string tensor, ExternalLocation location, long? expected)
    {
        if (folder is null)
            throw new InvalidModelException($"Tensor '{tensor}' lies in external data ('{location.Location}') and the model was given in memory, without a folder. Load it by its path.");
        if (!options.ReadExternalData)
            return new(TensorStorage.External) { External = location };
        var path = ExternalPath.Resolve(tensor, folder, location.Location);
        var file = Open(tensor, path, location.Location);
        var available = RandomAccess.GetLength(file);
        var length = location.Length ?? expected ?? available - location.Offset;
        Require(tensor, location, length, expected, available);
        RequireChecksum(tensor, location, path, file);
        return new(TensorStorage.External) { Bytes = Read(file, tensor, path, location.Offset, (int)length), External = location };
    }

    public void Dispose()
    {
        foreach (var file in _open.Values)
            file.Dispose();
    }

    private SafeFileHandle Open(string tensor, string path, string location)
    {
        if (_open.TryGetValue(path, out var open))
            return open;
        // A pipe would block whoever opens it, so the name is looked at before; a name can change hands, so the open file is looked at after.
        RequireOrdinary(tensor, location, path, FileFacts.Of(path));
        var file = OpenFile(path);
        try
        {
            RequireOrdinary(tensor, location, path, FileFacts.Of(file));
            if (ExternalPath.Resolve(tensor, folder!, location) != path || FileFacts.Of(path) != FileFacts.Of(file))
                throw new InvalidModelException($"Tensor '{tensor}' lies in '{location}' ({path}), which was replaced while it was opened. Load the model again when nothing changes its folder.");
            return _open[path] = file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void RequireOrdinary(string tensor, string location, string path, FileFacts? found)
    {
        var facts = found ?? throw new InvalidModelException($"Tensor '{tensor}' lies in '{location}', and there is no such file: {path}.");
        if (!facts.IsOrdinary)
            throw new InvalidModelException($"Tensor '{tensor}' lies in '{location}', which is no ordinary file: {path}.");
        if (facts.Links > 1 && !options.AllowHardLinks)
            throw new InvalidModelException($"Tensor '{tensor}' lies in '{location}' ({path}), a file with {facts.Links} hard links, which may belong elsewhere. Copy it, or allow it with {nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.AllowHardLinks)}.");
    }

    private void Require(string tensor, ExternalLocation location, long length, long? expected, long available)
    {
        if (expected is { } bytes && bytes != length)
            throw new InvalidModelException($"Tensor '{tensor}' needs {bytes} bytes; the model states {length} of them in '{location.Location}'.");
        if (location.Offset > available || length > available - location.Offset || length < 0)
            throw new InvalidModelException($"Tensor '{tensor}' asks for {length} bytes from byte {location.Offset} of '{location.Location}', which holds {available}.");
        if (length > Array.MaxLength)
            throw new InvalidModelException($"Tensor '{tensor}' has {length} bytes; this library holds at most {Array.MaxLength} in one tensor.");
        _total += length;
        if (_total > options.MaxExternalBytes)
            throw new InvalidModelException($"The model has more than {options.MaxExternalBytes} bytes of external data ({nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.MaxExternalBytes)}).");
    }

    private void RequireChecksum(string tensor, ExternalLocation location, string path, SafeFileHandle file)
    {
        if (location.Checksum is not { Length: > 0 } stated)
            return;
        if (!_checksums.TryGetValue(path, out var found))
            _checksums[path] = found = FileChecksum.Sha1(file);
        if (!stated.Equals(found, StringComparison.OrdinalIgnoreCase))
            throw new InvalidModelException($"Tensor '{tensor}': '{location.Location}' has the SHA-1 {found}; the model states {stated}. The file was changed or damaged.");
    }

    private static byte[] Read(SafeFileHandle file, string tensor, string path, long offset, int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        for (var done = 0; done < length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new InvalidModelException($"Tensor '{tensor}': {path} ended at byte {offset + done} while it was read.");
        }
        return bytes;
    }
}
