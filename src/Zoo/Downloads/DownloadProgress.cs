namespace Anneal.Zoo;

/// <summary>Where a download stands.</summary>
/// <param name="What">What is fetched, as the caller named it.</param>
/// <param name="Phase">What is being done.</param>
/// <param name="ReceivedBytes">Bytes of the file that are on the disk, those kept from an earlier try included.</param>
/// <param name="TotalBytes">The length of the whole file, or null while it is not known.</param>
/// <param name="BytesPerSecond">The speed over the last five seconds; 0 before the first byte.</param>
/// <param name="Source">The address in use, or null while waiting for another process.</param>
/// <param name="Note">Why there is a pause, in a phrase, or null.</param>
public sealed record DownloadProgress(
    string What, DownloadPhase Phase, long ReceivedBytes, long? TotalBytes, double BytesPerSecond, Uri? Source, string? Note);

/// <summary>What a download is doing.</summary>
public enum DownloadPhase
{
    /// <summary>Another process or task fetches the same file; this one waits for it.</summary>
    Waiting,

    /// <summary>Asking a source, before its first byte.</summary>
    Connecting,

    /// <summary>Receiving bytes.</summary>
    Receiving,

    /// <summary>An attempt failed; the same source is asked again after a pause.</summary>
    Retrying,

    /// <summary>The file is complete, verified and in the cache.</summary>
    Complete,
}
