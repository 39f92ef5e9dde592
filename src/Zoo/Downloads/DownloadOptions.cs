using System.Net;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// How models come over the network. Every default is stated here; values out of range are refused when the <see cref="ModelCache"/> is made.
/// </summary>
public sealed record DownloadOptions
{
    /// <summary>All defaults.</summary>
    public static DownloadOptions Default { get; } = new();

    /// <summary>
    /// Whether the network must not be used: what is neither cached nor at a <c>file:</c> source then fails at once. Default false;
    /// the environment variable <c>ANNEAL_OFFLINE=1</c> has the same effect.
    /// </summary>
    public bool Offline { get; init; }

    /// <summary>
    /// Servers that hold the same files. A base address (<c>https://mirror.example/onnx/</c>) takes the place of scheme and host in each
    /// <c>http(s):</c> source; a template is an address with any of <c>{host}</c>, <c>{path}</c>, <c>{name}</c> (the last part of the path) and
    /// <c>{sha256}</c> in it. Tried after the sources unless <see cref="MirrorsFirst"/>. Default: none.
    /// </summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Whether mirrors are tried before the sources: right where the sources cannot be reached at all. Default false.</summary>
    public bool MirrorsFirst { get; init; }

    /// <summary>The proxy, or null (default) for the system's (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c> … or the platform's settings).</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>
    /// How long a server may stay silent: to connect, to send all headers, or to send the next byte of the body. Default 30 s. Range: above
    /// zero to one day. There is no limit on a whole download.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often one source is tried, the first time included. Default 5. Range 1 to 100.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>
    /// The pause before the second attempt; it doubles with each further one, with jitter, up to 30 s. A server's <c>Retry-After</c> goes
    /// before it. Default 1 s. Range 0 to one minute.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest <c>Retry-After</c> that is waited for; a longer one ends this source with an error that says when. Default 2 minutes. Range 0 to one day.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The most bytes taken for a file whose size is not known (<see cref="ModelFile.SizeBytes"/> is 0). Default 4 GiB. Range: above zero.</summary>
    public long MaxUnknownSizeBytes { get; init; } = 4L << 30;

    /// <summary>Told of every change of phase, and of bytes at most ten times a second. Default: nobody.</summary>
    public IProgress<DownloadProgress>? Progress { get; init; }

    /// <summary>The clock for time-outs, pauses and dates. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What sends requests in place of a socket, or null for sockets.</summary>
    internal HttpMessageHandler? Handler { get; init; }

    /// <summary>Tells how many bytes are free in a folder.</summary>
    internal Func<string, long> FreeBytes { get; init; } = DiskTrouble.FreeBytes;

    /// <summary>Refuses a value that is out of its range.</summary>
    internal void Validate()
    {
        var day = TimeSpan.FromDays(1);
        Require(IdleTimeout > TimeSpan.Zero && IdleTimeout <= day, nameof(IdleTimeout), IdleTimeout, "above zero to one day");
        Require(MaxAttempts is >= 1 and <= 100, nameof(MaxAttempts), MaxAttempts, "1 to 100");
        Require(RetryDelay >= TimeSpan.Zero && RetryDelay <= TimeSpan.FromMinutes(1), nameof(RetryDelay), RetryDelay, "0 to one minute");
        Require(MaxRetryAfter >= TimeSpan.Zero && MaxRetryAfter <= day, nameof(MaxRetryAfter), MaxRetryAfter, "0 to one day");
        Require(MaxUnknownSizeBytes > 0, nameof(MaxUnknownSizeBytes), MaxUnknownSizeBytes, "above zero");
        foreach (var mirror in Mirrors)
            SourceList.CheckMirror(mirror);
    }

    private static void Require(bool holds, string name, object value, string range)
    {
        if (!holds)
            throw new AnnealException($"DownloadOptions.{name} is {value}, which is out of its range: {range}.");
    }
}
