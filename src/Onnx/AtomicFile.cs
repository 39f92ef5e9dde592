namespace Anneal.Onnx;

/// <summary>
/// Files appear whole or not at all: written under a temporary name in the same folder, flushed to the disk, then renamed over the target.
/// </summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file through a stream; on any failure the target is as it was and the temporary file is gone. A replaced file's permissions
    /// are kept.
    /// </summary>
    public static void Write(string path, Action<FileStream> write)
    {
        using var pending = new PendingFile(path);
        write(pending.Stream);
        pending.Commit();
    }
}
