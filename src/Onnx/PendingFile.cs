namespace Anneal.Onnx;

/// <summary>
/// A file that is being written under a temporary name in its target's folder. Committing flushes it to the disk and renames it over the
/// target, keeping a replaced file's permissions; disposing without a commit leaves nothing behind.
/// </summary>
internal sealed class PendingFile : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;
    private bool _completed;
    private bool _committed;

    /// <summary>Begins to write.</summary>
    /// <param name="path">The target.</param>
    /// <param name="followLink">
    /// Whether a target that is a symbolic link stays one and the file it leads to is replaced; otherwise the link itself is, wherever it leads.
    /// </param>
    public PendingFile(string path, bool followLink = true)
    {
        var full = Path.GetFullPath(path);
        _target = !followLink || new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        _temporary = $"{_target}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Where to write.</summary>
    public FileStream Stream { get; }

    /// <summary>Flushes to the disk; what can fail for want of space or rights fails here, before any target changes.</summary>
    public void Complete()
    {
        if (_completed)
            return;
        Stream.Flush(flushToDisk: true);
        if (!OperatingSystem.IsWindows() && File.Exists(_target) && new FileInfo(_target).LinkTarget is null)
            File.SetUnixFileMode(Stream.SafeFileHandle, File.GetUnixFileMode(_target));
        Stream.Dispose();
        _completed = true;
    }

    /// <summary>Puts the file in its target's place.</summary>
    public void Commit()
    {
        Complete();
        File.Move(_temporary, _target, overwrite: true);
        _committed = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        if (!_committed)
            File.Delete(_temporary);
    }
}
