using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// A lock between processes (and tasks): a file held open exclusively. The system frees it when its holder ends, however it ends, so a
/// killed process leaves nothing to clean up. Lock files stay, empty: deleting one would let two holders in.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits until the lock is ours; tells once that it waits.</summary>
    public static async Task<FileLock> AcquireAsync(string path, Action? waiting, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } held)
                return held;
            waiting?.Invoke();
            waiting = null;
            await Task.Delay(Pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The lock, or null when someone else holds it.</summary>
    public static FileLock? TryAcquire(string path)
    {
        if (TryOpen(path) is not { } stream)
            return null;
        if (TryOpen(path) is not { } second)
            return new FileLock(stream);
        second.Dispose();
        stream.Dispose();
        throw new AnnealException(
            $"{Path.GetDirectoryName(path)} lies on a file system without file locks, so two processes could spoil each other's downloads. Set ANNEAL_HOME to a folder on another disk.");
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException held) when (IsHeld(held))
        {
            return null;
        }
    }

    // EWOULDBLOCK is 11 on Linux and 35 on macOS; on Windows a sharing (32) or lock (33) violation comes as an HRESULT.
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}
