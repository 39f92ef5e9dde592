using System.Text;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>Servers that do everything wrong: the cache holds no bad file, the message says what happened, and the next try succeeds.</summary>
public sealed class HostileServerTests
{
    private static readonly byte[] Right = DownloadBench.Noise(300_000, seed: 1);
    private static readonly byte[] Wrong = DownloadBench.Noise(300_000, seed: 2);
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1f2e\nsize 300000\n";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";

    /// <summary>Acts after which the same call succeeds all the same, and the ranges asked for.</summary>
    private static readonly Dictionary<string, (Act[] Acts, string[] Ranges)> Recovered = new()
    {
        ["a good server"] = ([Acts.Serve(Right)], ["all"]),
        ["a good server without validator"] = ([Acts.Plain(Right)], ["all"]),
        ["no length, closed at the end"] = ([Acts.Say("HTTP/1.1 200 OK", Right)], ["all"]),
        ["breaks off, then continues"] = ([Acts.ServeUntil(Right, 100_000, stall: false), Acts.Serve(Right)], ["all", "bytes=100000-"]),
        ["breaks off, dated version"] = (
            [Acts.ServeUntil(Right, 100_000, false, "Tue, 03 Mar 2026 10:00:00 GMT"), Acts.Serve(Right, "Tue, 03 Mar 2026 10:00:00 GMT")], ["all", "bytes=100000-"]),
        ["breaks off twice"] = (
            [Acts.ServeUntil(Right, 100_000, false), Acts.ServeUntil(Right, 200_000, false), Acts.Serve(Right)], ["all", "bytes=100000-", "bytes=200000-"]),
        ["stalls, then continues"] = ([Acts.ServeUntil(Right, 100_000, stall: true), Acts.Serve(Right)], ["all", "bytes=100000-"]),
        ["closes early without a length"] = ([Acts.Say("HTTP/1.1 200 OK\r\nETag: \"v1\"", Right[..1000]), Acts.Serve(Right)], ["all", "bytes=1000-"]),
        ["breaks off, knows no ranges"] = ([Acts.ServeUntil(Right, 100_000, false), Acts.Plain(Right)], ["all", "bytes=100000-"]),
        ["breaks off, has no validator"] = ([Acts.ServeUntil(Right, 100_000, false, validator: null), Acts.Plain(Right)], ["all", "all"]),
        ["breaks off, has a weak validator"] = ([Acts.ServeUntil(Right, 100_000, false, "W/\"v1\""), Acts.Plain(Right)], ["all", "all"]),
        ["breaks off, comes back with another validator"] = (
            [Acts.ServeUntil(Wrong, 100_000, false, "\"old\""), Acts.Serve(Right, "\"new\"")], ["all", "bytes=100000-"]),
        ["answers 206 with another validator"] = (
            [Acts.ServeUntil(Wrong, 100_000, false, "\"old\""), Rest("bytes 100000-299999/300000", "\"new\""), Acts.Serve(Right, "\"new\"")], ["all", "bytes=100000-", "all"]),
        ["continues other bytes under the same validator"] = (
            [Acts.ServeUntil(Wrong, 100_000, false), Acts.Serve(Right), Acts.Serve(Right)], ["all", "bytes=100000-", "all"]),
        ["answers a range with another range"] = (
            [Acts.ServeUntil(Right, 100_000, false), Rest("bytes 0-199999/300000"), Acts.Serve(Right)], ["all", "bytes=100000-", "all"]),
        ["answers a range with 206 and no range"] = (
            [Acts.ServeUntil(Right, 100_000, false), Acts.Say("HTTP/1.1 206 Partial Content\r\nContent-Length: 200000", Right[100_000..]), Acts.Serve(Right)],
            ["all", "bytes=100000-", "all"]),
        ["answers a range with 416"] = (
            [Acts.ServeUntil(Right, 100_000, false), Acts.Status("416 Range Not Satisfiable"), Acts.Serve(Right)], ["all", "bytes=100000-", "all"]),
        ["429, then well"] = ([Acts.Status("429 Too Many Requests", "Retry-After: 7"), Acts.Serve(Right)], ["all", "all"]),
        ["503, then well"] = ([Acts.Status("503 Service Unavailable"), Acts.Serve(Right)], ["all", "all"]),
        ["500 and 408, then well"] = ([Acts.Status("500 Internal Server Error"), Acts.Status("408 Request Timeout"), Acts.Serve(Right)], ["all", "all", "all"]),
        ["503 in the middle, then continues"] = (
            [Acts.ServeUntil(Right, 100_000, false), Acts.Status("503 Service Unavailable"), Acts.Serve(Right)], ["all", "bytes=100000-", "bytes=100000-"]),
        ["closes in the middle of the headers, then well"] = ([Acts.HalfHeaders, Acts.Serve(Right)], ["all", "all"]),
        ["resets, then well"] = ([Acts.Reset, Acts.Serve(Right)], ["all", "all"]),
        ["is silent, then well"] = ([Acts.Silence, Acts.Serve(Right)], ["all", "all"]),
        ["drips"] = ([Acts.Drip(Right, 10_000, TimeSpan.FromMilliseconds(5))], ["all"]),
        ["sends three bytes at first"] = ([DripStart], ["all"]),
        ["gzips though asked not to"] = ([Acts.Gzip(Right)], ["all"]),
        ["breaks off in gzip, then well"] = ([Acts.Gzip(Right, part: 0.5), Acts.Serve(Right)], ["all", "all"]),
        ["redirects"] = ([Acts.Status("302 Found", "Location: /elsewhere"), Acts.Serve(Right)], ["all", "all"]),
    };

    /// <summary>Acts that no retry mends, and what the message must say.</summary>
    private static readonly Dictionary<string, (Act[] Acts, string[] Said)> Refused = new()
    {
        ["404"] = ([Acts.Status("404 Not Found")], ["answered 404 (Not Found)."]),
        ["401"] = ([Acts.Status("401 Unauthorized")], ["answered 401 (Unauthorized)."]),
        ["403"] = ([Acts.Status("403 Forbidden")], ["answered 403 (Forbidden)."]),
        ["410"] = ([Acts.Status("410 Gone")], ["answered 410 (Gone)."]),
        ["204"] = ([Acts.Say("HTTP/1.1 204 No Content")], ["answered 204 (No Content)."]),
        ["503 for good"] = ([Acts.Status("503 Service Unavailable")], ["answered 503 (Service Unavailable) (the last of 3 attempts)"]),
        ["429 for an hour"] = ([Acts.Status("429 Too Many Requests", "Retry-After: 3600")], ["answered 429", "come back in 3,600 s, at 20", " UTC"]),
        ["503 until next year"] = ([Acts.Status("503 Busy", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT")], ["answered 503 (Busy)", "at 2100-01-01 00:00:00 UTC"]),
        ["LFS pointer"] = ([Acts.Text(Pointer, "text/plain")], ["Git-LFS pointer (oid sha256:1f2e, size 300000)", "git lfs pull"]),
        ["LFS pointer, no length"] = ([Acts.Say("HTTP/1.1 200 OK", Encoding.ASCII.GetBytes(Pointer))], ["Git-LFS pointer"]),
        ["HTML page"] = ([Acts.Text("\n<!DOCTYPE html><html><head><title>Sign in</title>", "text/html")], ["an HTML page titled 'Sign in'"]),
        ["XML error"] = ([Acts.Text("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", "application/xml")], ["an XML document"]),
        ["HTML page of the right length"] = ([Acts.Text("<html>".PadRight(Right.Length), "text/html")], ["are another file", DownloadBench.Digest(Right)]),
        ["wrong bytes"] = ([Acts.Plain(Wrong)], ["300,000 bytes that are another file", DownloadBench.Digest(Right), DownloadBench.Digest(Wrong)]),
        ["shorter file"] = ([Acts.Plain(Right[..1000])], ["offers a file of 1,000 bytes; expected 300,000"]),
        ["longer file"] = ([Acts.Plain([.. Right, 1])], ["offers a file of 300,001 bytes; expected 300,000"]),
        ["empty file"] = ([Acts.Plain([])], ["offers a file of 0 bytes; expected 300,000"]),
        ["ends early without a length"] = ([Acts.Say("HTTP/1.1 200 OK", Right[..1000])], ["ended after 1,000 of 300,000 bytes"]),
        ["one byte too many without a length"] = ([Acts.Say("HTTP/1.1 200 OK", [.. Right, 1])], ["sent more than 300,000 bytes and was cut off"]),
        ["endless body"] = ([Acts.Endless("HTTP/1.1 200 OK")], ["sent more than 300,000 bytes and was cut off"]),
        ["endless headers"] = ([EndlessHeaders], ["could not be asked"]),
        ["breaks off for good"] = ([Acts.ServeUntil(Right, 1000, stall: false)], ["broke off", "the last of 3 attempts"]),
        ["stalls for good"] = ([Acts.ServeUntil(Right, 1000, stall: true)], ["sent no byte for 30 s (the last of 3 attempts)"]),
        ["silent for good"] = ([Acts.Silence], ["sent no answer for 30 s (the last of 3 attempts)"]),
        ["redirect loop"] = ([Acts.Status("302 Found", "Location: /models/tiny.onnx")], ["redirected more than 10 times, last to http://127.0.0.1"]),
        ["redirect to nowhere"] = ([Acts.Status("302 Found")], ["answered 302 (Found) without saying where to"]),
        ["redirect to a file"] = ([Acts.Status("302 Found", "Location: file:///etc/passwd")], ["redirected to file:///etc/passwd, which is no web address"]),
        ["range without asking"] = ([Rest("bytes 100000-299999/300000")], ["answered 206 (Partial Content) though the whole file was asked for"]),
        ["unknown encoding"] = ([Acts.Say("HTTP/1.1 200 OK\r\nContent-Encoding: zpaq", Right)], ["the encoding 'zpaq'"]),
        ["broken gzip"] = ([Acts.Say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", Right)], ["a compressed body that cannot be decoded"]),
        ["gzip bomb"] = ([Acts.Gzip(new byte[5_000_000])], ["sent more than 300,000 bytes and was cut off"]),
        ["broken chunks"] = ([exchange => exchange.SendAsync(Chunked + "zz\r\nabc")], ["broke off"]),
        ["no HTTP at all"] = ([exchange => exchange.SendAsync("SSH-2.0-OpenSSH_9.2\r\n\r\n")], ["could not be asked"]),
    };

    public static TheoryData<string> RecoveredCases => [.. Recovered.Keys];

    public static TheoryData<string> RefusedCases => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(RecoveredCases))]
    public async Task A_server_that_fails_for_a_moment_is_overcome(string name)
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Recovered[name].Acts);
        if (name.Contains("stall", StringComparison.Ordinal) || name.Contains("silent", StringComparison.Ordinal))
            bench.Options = bench.Options with { IdleTimeout = TimeSpan.FromSeconds(30) };

        await bench.FetchAsync(server.Address);

        Assert.Equal(Recovered[name].Ranges, server.Ranges);
        Assert.Empty(bench.Cache.ListPartial());
    }

    [Theory]
    [InlineData("answers 206 with another validator")]
    [InlineData("answers a range with another range")]
    [InlineData("answers a range with 206 and no range")]
    [InlineData("answers a range with 416")]
    public async Task A_range_that_does_not_continue_is_given_up_within_the_same_attempt(string name)
    {
        using var bench = new DownloadBench();
        bench.Options = bench.Options with { MaxAttempts = 2 };
        await using var server = new HostileServer(Recovered[name].Acts);
        await bench.FetchAsync(server.Address);
        Assert.Single(bench.Time.Pauses);
    }

    [Theory]
    [MemberData(nameof(RefusedCases))]
    public async Task A_server_that_fails_for_good_is_named_and_the_next_try_succeeds(string name)
    {
        using var bench = new DownloadBench();
        await using var bad = new HostileServer(Refused[name].Acts);
        await using var good = new HostileServer(Acts.Serve(Right));
        bench.Options = bench.Options with { IdleTimeout = TimeSpan.FromSeconds(name.Contains("for good", StringComparison.Ordinal) ? 30 : 400) };

        var message = await bench.FailAsync(bad.Address);

        Assert.Contains($"tiny (sha256 {bench.Sha256}, 300,000 bytes) could not be had; 1 source was tried. {bad.Address} ", message, StringComparison.Ordinal);
        Assert.All(Refused[name].Said, said => Assert.Contains(said, message, StringComparison.Ordinal));
        await bench.FetchAsync(good.Address);
        Assert.Equal(["all"], good.Ranges);
    }

    [Theory]
    [MemberData(nameof(RefusedCases))]
    public async Task The_next_source_is_tried_in_the_same_call(string name)
    {
        using var bench = new DownloadBench();
        await using var bad = new HostileServer(Refused[name].Acts);
        await using var good = new HostileServer(Acts.Serve(Right));
        bench.Options = bench.Options with { IdleTimeout = TimeSpan.FromSeconds(name.Contains("for good", StringComparison.Ordinal) ? 30 : 400), MaxAttempts = 1 };

        await bench.FetchAsync(bad.Address, good.Address);
    }

    private static Act Rest(string range, string validator = "\"v1\"") =>
        Acts.Say($"HTTP/1.1 206 Partial Content\r\nETag: {validator}\r\nContent-Range: {range}\r\nContent-Length: 200000", Right[100_000..]);

    private static async Task DripStart(Exchange exchange)
    {
        await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Right.Length}\r\nConnection: close\r\n\r\n");
        foreach (var piece in (ReadOnlyMemory<byte>[])[Right.AsMemory(0, 3), Right.AsMemory(3, 5), Right.AsMemory(8)])
        {
            await exchange.SendAsync(piece);
            await Task.Delay(30, exchange.Stop);
        }
    }

    private static async Task EndlessHeaders(Exchange exchange)
    {
        await exchange.SendAsync("HTTP/1.1 200 OK\r\n");
        while (true)
            await exchange.SendAsync($"X-Noise: {new string('a', 1000)}\r\n");
    }
}
