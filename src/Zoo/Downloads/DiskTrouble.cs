namespace Anneal.Zoo;

/// <summary>Turns what the file system refuses into one sentence about the cache: a full disk, a folder that cannot be written.</summary>
internal static class DiskTrouble
{
    /// <summary>Runs what touches the cache folder; its troubles become <see cref="ModelUnavailableException"/>.</summary>
    public static T Guard<T>(string root, string what, long bytesNeeded, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception trouble) when (Is(trouble))
        {
            throw Explain(root, what, bytesNeeded, trouble);
        }
    }

    /// <summary>Runs what touches the cache folder and gives nothing back.</summary>
    public static void Guard(string root, string what, long bytesNeeded, Action work) =>
        Guard(root, what, bytesNeeded, () =>
        {
            work();
            return true;
        });

    /// <summary>How many bytes may be written under a folder. A Windows share cannot be asked; there the write itself will tell.</summary>
    public static long FreeBytes(string folder) =>
        OperatingSystem.IsWindows() && folder.StartsWith(@"\\", StringComparison.Ordinal) ? long.MaxValue : new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>The sentence for a disk that cannot hold the rest of a file.</summary>
    public static ModelUnavailableException Full(string root, string what, long bytesNeeded, long? bytesFree, Exception? cause = null) => new(
        $"The disk that holds the model cache {root} is full: {what} needs {(bytesNeeded > 0 ? $"{bytesNeeded:N0} more bytes" : "more room")}"
        + (bytesFree is { } free ? $" and {free:N0} are free" : "")
        + ". Free some space or set ANNEAL_HOME to a folder on another disk, then try again; what came so far is resumed where the server allows it.", cause);

    /// <summary>Whether an error is one of the file system.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>The sentence for an error of the file system.</summary>
    public static ModelUnavailableException Explain(string root, string what, long bytesNeeded, Exception trouble) =>
        IsFull(trouble)
            ? Full(root, what, bytesNeeded, null, trouble)
            : new($"The model cache {root} cannot be used for {what}: {trouble.Message.TrimEnd('.')}. Check the folder's permissions, or set ANNEAL_HOME to another folder.", trouble);

    // ENOSPC is 28 everywhere; EDQUOT is 122 on Linux and 69 on macOS; Windows says 39 or 112 as an HRESULT.
    private static bool IsFull(Exception trouble) => trouble.HResult is 28 or 122 or 69 or unchecked((int)0x80070027) or unchecked((int)0x80070070);
}
