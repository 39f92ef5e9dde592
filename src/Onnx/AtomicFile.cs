namespace Anneal.Onnx;

/// <summary>
/// Files appear whole or not at all: written under a temporary name in the same folder, flushed to the disk, then renamed over the target.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file through a stream; on any failure the target is as it was and the temporary file is gone.</summary>
    public static void Write(string path, Action<FileStream> write)
    {
        var full = Path.GetFullPath(path);
        var temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
