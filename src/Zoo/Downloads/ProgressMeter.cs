namespace Anneal.Zoo;

/// <summary>Turns events of a download into reports: each change of phase, and bytes at most ten times a second.</summary>
internal sealed class ProgressMeter(string what, DownloadOptions options)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private readonly Queue<(long Timestamp, long Bytes)> _recent = [];
    private Uri? _source;
    private long _received;
    private long? _total;
    private long _lastReport;

    /// <summary>Another process holds the lock.</summary>
    public void Waiting() => Report(DownloadPhase.Waiting, "another process is fetching the same file");

    /// <summary>A source is asked.</summary>
    public void Connecting(Uri source, long kept, long? total)
    {
        (_source, _received, _total) = (source, kept, total);
        _recent.Clear();
        Report(DownloadPhase.Connecting, null);
    }

    /// <summary>The body begins, after the bytes that are kept.</summary>
    public void Begin(long kept, long? total)
    {
        (_received, _total) = (kept, total);
        _recent.Enqueue((options.TimeProvider.GetTimestamp(), kept));
        Report(DownloadPhase.Receiving, null);
    }

    /// <summary>The file has so many bytes now.</summary>
    public void Received(long bytes)
    {
        _received = bytes;
        if (options.Progress is null || options.TimeProvider.GetElapsedTime(_lastReport) < Interval)
            return;
        _recent.Enqueue((options.TimeProvider.GetTimestamp(), bytes));
        while (_recent.Count > 2 && options.TimeProvider.GetElapsedTime(_recent.Peek().Timestamp) > Window)
            _recent.Dequeue();
        Report(DownloadPhase.Receiving, null);
    }

    /// <summary>An attempt failed and another follows.</summary>
    public void Retrying(string reason, TimeSpan pause) => Report(DownloadPhase.Retrying, $"{reason}; next attempt in {pause.TotalSeconds:0.#} s");

    /// <summary>The file is in the cache.</summary>
    public void Complete(long bytes)
    {
        (_received, _total) = (bytes, bytes);
        Report(DownloadPhase.Complete, null);
    }

    private void Report(DownloadPhase phase, string? note)
    {
        _lastReport = options.TimeProvider.GetTimestamp();
        options.Progress?.Report(new DownloadProgress(what, phase, _received, _total, Speed(), _source, note));
    }

    private double Speed()
    {
        if (!_recent.TryPeek(out var oldest))
            return 0;
        var seconds = options.TimeProvider.GetElapsedTime(oldest.Timestamp).TotalSeconds;
        return seconds > 0 ? (_received - oldest.Bytes) / seconds : 0;
    }
}
