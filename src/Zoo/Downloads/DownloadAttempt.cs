using System.Buffers;
using System.Security.Cryptography;

namespace Anneal.Zoo;

/// <summary>
/// One whole attempt to get a file from one source: what was kept, headers, body, length, digest. It ends well only when the part on the
/// disk is the complete, right file.
/// </summary>
internal sealed class DownloadAttempt(Wanted wanted, string root, string partialPath, HttpSource http, DownloadOptions options, ProgressMeter meter)
{
    private const int BufferBytes = 1 << 17;

    /// <summary>Room for the records beside a file.</summary>
    private const int RecordBytes = 1 << 16;

    /// <summary>Runs the attempt.</summary>
    /// <exception cref="AttemptFailure">The source, or the way to it, failed.</exception>
    /// <exception cref="ModelUnavailableException">The disk failed.</exception>
    public async Task RunAsync(Uri source, CancellationToken cancellation)
    {
        using var partial = OnDisk(0, () => PartialFile.Open(partialPath));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var validator = OnDisk(0, () => PartialFile.ReadValidator(partialPath));
        if (validator?.Source != SourceList.Shown(source))
            validator = null;
        if (await TakeUpAsync(partial, validator, hash, cancellation).ConfigureAwait(false))
            return;

        var kept = validator is null ? 0 : partial.Length;
        meter.Connecting(source, kept, wanted.SizeBytes);
        using var idle = new IdleClock(options.IdleTimeout, options.TimeProvider, cancellation);
        await using var body = source.IsFile ? FileSource.Open(source) : await http.OpenAsync(source, kept, validator, idle).ConfigureAwait(false);
        var received = await ReceiveAsync(body, partial, hash, idle, cancellation).ConfigureAwait(false);
        CheckLength(received, body.TotalBytes);
        CheckDigest(partial, hash, received, body.Offset);
        OnDisk(0, partial.Flush);
    }

    // Hashes what is there if it can be continued, or may be the whole file already; says whether it is.
    private async Task<bool> TakeUpAsync(PartialFile partial, Validator? validator, IncrementalHash hash, CancellationToken cancellation)
    {
        if (partial.Length == 0 || (validator is null && partial.Length != wanted.SizeBytes))
            return false;
        await Task.Run(() => OnDisk(0, () => partial.Hash(hash, cancellation)), cancellation).ConfigureAwait(false);
        if (Convert.ToHexStringLower(hash.GetCurrentHash()) == wanted.Sha256)
            return true;
        if (partial.Length >= Limit)
            OnDisk(0, () => partial.Restart(null));
        return false;
    }

    private long Limit => wanted.SizeBytes ?? options.MaxUnknownSizeBytes;

    private async Task<long> ReceiveAsync(SourceBody body, PartialFile partial, IncrementalHash hash, IdleClock idle, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var read = await ReadAsync(body, buffer, 0, idle).ConfigureAwait(false);
            if (body.Offset == 0)
            {
                read = await ProbeAsync(body, buffer, read, idle).ConfigureAwait(false);
                RefuseUnfit(body, buffer.AsSpan(0, read));
                OnDisk(0, () => partial.Restart(body.Validator));
                hash.GetHashAndReset();
            }
            CheckSpace(body, partial.Length);
            meter.Begin(partial.Length, wanted.SizeBytes ?? body.TotalBytes);
            var received = partial.Length;
            for (; read > 0; read = await ReadAsync(body, buffer, 0, idle).ConfigureAwait(false))
            {
                cancellation.ThrowIfCancellationRequested();
                RefuseEndless(partial, received + read);
                var fresh = buffer.AsMemory(0, read);
                OnDisk(Remaining(body, received), () => partial.Write(fresh.Span));
                hash.AppendData(fresh.Span);
                meter.Received(received += read);
            }
            return received;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<int> ReadAsync(SourceBody body, byte[] buffer, int from, IdleClock idle)
    {
        try
        {
            return await idle.WatchAsync(token => body.Stream.ReadAsync(buffer.AsMemory(from, BufferBytes - from), token).AsTask(), "byte").ConfigureAwait(false);
        }
        catch (InvalidDataException garbled)
        {
            throw AttemptFailure.Passing($"sent a compressed body that cannot be decoded ({garbled.Message.TrimEnd('.')})", garbled);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw AttemptFailure.Passing($"broke off ({broken.Message.TrimEnd('.')})", broken);
        }
    }

    // A first read may bring a byte or two; to tell a pointer or a page from a model takes more.
    private static async Task<int> ProbeAsync(SourceBody body, byte[] buffer, int read, IdleClock idle)
    {
        for (var fresh = read; fresh > 0 && read < Lookalike.ProbeBytes; read += fresh)
            fresh = await ReadAsync(body, buffer, read, idle).ConfigureAwait(false);
        return read;
    }

    // Before a byte of what was kept is given up: a pointer, a page, or a length that cannot be right.
    private void RefuseUnfit(SourceBody body, ReadOnlySpan<byte> head)
    {
        if (body.TotalBytes is { } announced && announced == wanted.SizeBytes)
            return;
        if (Lookalike.Name(head) is { } lookalike)
            throw AttemptFailure.Lasting($"sent {lookalike}");
        if (body.TotalBytes is { } other && (wanted.SizeBytes is not null || other > Limit))
            throw AttemptFailure.Lasting($"offers a file of {other:N0} bytes; expected {Expected}");
    }

    private string Expected => wanted.SizeBytes is { } size ? $"{size:N0}" : $"at most {options.MaxUnknownSizeBytes:N0} (DownloadOptions.MaxUnknownSizeBytes)";

    private void CheckSpace(SourceBody body, long onDisk)
    {
        var free = OnDisk(0, () => options.FreeBytes(root));
        var needed = Remaining(body, onDisk) + RecordBytes;
        if (needed > free)
            throw DiskTrouble.Full(root, wanted.What, needed, free);
    }

    private long Remaining(SourceBody body, long received) => Math.Max(0, (wanted.SizeBytes ?? body.TotalBytes ?? 0) - received);

    private void RefuseEndless(PartialFile partial, long received)
    {
        if (received <= Limit)
            return;
        OnDisk(0, () => partial.Restart(null));
        throw AttemptFailure.Lasting($"sent more than {Limit:N0} bytes and was cut off");
    }

    private void CheckLength(long received, long? announced)
    {
        if (received < (wanted.SizeBytes ?? announced))
            throw AttemptFailure.Passing($"ended after {received:N0} of {wanted.SizeBytes ?? announced:N0} bytes");
    }

    private void CheckDigest(PartialFile partial, IncrementalHash hash, long received, long offset)
    {
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (digest == wanted.Sha256)
            return;
        OnDisk(0, () => partial.Restart(null));
        throw offset > 0
            ? AttemptFailure.Passing($"continued with other bytes than it began with (sha256 {digest} after {received:N0} bytes)")
            : AttemptFailure.Lasting($"sent {received:N0} bytes that are another file: expected sha256 {wanted.Sha256}, received {digest}");
    }

    private T OnDisk<T>(long bytesNeeded, Func<T> work) => DiskTrouble.Guard(root, wanted.What, bytesNeeded, work);

    private void OnDisk(long bytesNeeded, Action work) => DiskTrouble.Guard(root, wanted.What, bytesNeeded, work);
}
