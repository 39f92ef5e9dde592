using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>What a download does besides surviving bad servers: order of sources, mirrors, pauses, progress, cancellation, sizes, disks.</summary>
public sealed class DownloadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_source_is_listed_with_its_answer_when_all_fail()
    {
        using var bench = new DownloadBench();
        await using var gone = new HostileServer(Acts.Status("404 Not Found"));
        await using var busy = new HostileServer(Acts.Status("503 Service Unavailable"));
        var absent = new Uri(bench.Folder["absent.onnx"]);

        var message = await bench.FailAsync(gone.Address, busy.Address, absent);

        Assert.Equal(
            $"tiny (sha256 {bench.Sha256}, 300,000 bytes) could not be had; 3 sources were tried. {gone.Address} answered 404 (Not Found); "
            + $"{busy.Address} answered 503 (Service Unavailable) (the last of 3 attempts); {absent.AbsoluteUri} does not exist. "
            + "Nothing wrong was kept. Try again later, name a mirror, or import a bundle made on a machine that has the file.", message);
        Assert.Single(gone.Requests);
        Assert.Equal(3, busy.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mirrors_come_after_the_sources_or_before_them(bool first)
    {
        using var bench = new DownloadBench();
        await using var source = new HostileServer(Acts.Status("404 Not Found"));
        await using var mirror = new HostileServer(Acts.Serve(bench.Bytes));
        bench.Options = bench.Options with { Mirrors = [$"http://{mirror.Address.Authority}/copy/"], MirrorsFirst = first };

        await bench.FetchAsync(source.Address);

        Assert.Equal("/copy/models/tiny.onnx", Assert.Single(mirror.Requests).Path);
        Assert.Equal(first ? 0 : 1, source.Requests.Count);
    }

    [Theory]
    [InlineData("https://mirror.example", "https://mirror.example/a/b%20c.onnx?token=1")]
    [InlineData("https://mirror.example/deep/", "https://mirror.example/deep/a/b%20c.onnx?token=1")]
    [InlineData("http://mirror.example/{host}/{path}", "http://mirror.example/host.example/a/b%20c.onnx")]
    [InlineData("https://mirror.example/{sha256}?as={name}", "https://mirror.example/0000000000000000000000000000000000000000000000000000000000000000?as=b%20c.onnx")]
    [InlineData("file:///srv/models/{name}", "file:///srv/models/b%20c.onnx")]
    public void A_mirror_is_a_base_or_a_template(string mirror, string expected)
    {
        var wanted = new Wanted(new string('0', 64), 1, "tiny");
        var source = new Uri("https://host.example/a/b c.onnx?token=1");
        Assert.Equal([source, new Uri(expected)], SourceList.For(wanted, [source], new() { Mirrors = [mirror] }, offline: false));
    }

    [Theory]
    [InlineData("mirror.example")]
    [InlineData("ftp://mirror.example/")]
    [InlineData("https://mirror.example/{version}")]
    public void A_mirror_that_gives_no_address_is_refused(string mirror)
    {
        var error = Assert.Throws<AnnealException>(() => new ModelCache("unused", new() { Mirrors = [mirror] }));
        Assert.Contains($"The mirror '{mirror}' is no address", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    public async Task Retry_After_in_seconds_is_waited_for(string header, int seconds)
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.Status("429 Too Many Requests", $"Retry-After: {header}"), Acts.Serve(bench.Bytes));
        await bench.FetchAsync(server.Address);
        Assert.Equal(seconds == 0 ? [] : [TimeSpan.FromSeconds(seconds)], bench.Time.Pauses);
    }

    [Fact]
    public async Task Retry_After_as_a_date_is_waited_for()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(
            exchange => Acts.Status("503 Busy", $"Retry-After: {DateTimeOffset.UtcNow.AddSeconds(20):r}")(exchange), Acts.Serve(bench.Bytes));
        await bench.FetchAsync(server.Address);
        Assert.InRange(Assert.Single(bench.Time.Pauses).TotalSeconds, 15, 20);
    }

    [Fact]
    public async Task Pauses_grow_and_vary()
    {
        using var bench = new DownloadBench();
        bench.Options = bench.Options with { MaxAttempts = 5 };
        await using var server = new HostileServer(Acts.Status("503 Busy"));
        await bench.FailAsync(server.Address);
        var pauses = bench.Time.Pauses.ToList();
        Assert.Equal(4, pauses.Count);
        Assert.All(pauses, pause => Assert.InRange(pause.TotalSeconds, 0, 30));
        Assert.True(pauses.Distinct().Count() > 1);
    }

    [Fact]
    public async Task Cancelling_stops_at_once_and_keeps_what_came()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 100_000, stall: true), Acts.Serve(bench.Bytes));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var fetching = bench.Cache.GetAsync(bench.File(server.Address), "tiny", cancel.Token);
        while (bench.Cache.ListPartial().Sum(part => part.SizeBytes) < 100_000)
            await Task.Delay(10, Cancellation);

        var watch = System.Diagnostics.Stopwatch.StartNew();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
        await bench.FetchAsync(server.Address);
        Assert.Equal(["all", "bytes=100000-"], server.Ranges);
    }

    [Fact]
    public async Task A_second_task_waits_says_so_and_can_be_cancelled()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.Drip(bench.Bytes, 30_000, TimeSpan.FromMilliseconds(40)));
        var first = bench.FetchAsync(server.Address);
        await UntilAsync(() => !server.Requests.IsEmpty);
        var seen = new Seen();
        bench.Options = bench.Options with { Progress = seen };

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var impatient = bench.Cache.GetAsync(bench.File(server.Address), "tiny", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        await bench.FetchAsync(server.Address);
        await first;

        Assert.All(seen.Reports, report => Assert.Equal(DownloadPhase.Waiting, report.Phase));
        Assert.NotEmpty(seen.Reports);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Progress_names_phases_and_reports_bytes_at_most_ten_times_a_second()
    {
        using var bench = new DownloadBench();
        var seen = new Seen();
        bench.Options = bench.Options with { Progress = seen };
        await using var server = new HostileServer(
            Acts.Status("503 Busy"), Acts.ServeUntil(bench.Bytes, 150_000, stall: false), Acts.Drip(bench.Bytes, 2_000, TimeSpan.FromMilliseconds(8)));
        var watch = System.Diagnostics.Stopwatch.StartNew();

        await bench.FetchAsync(server.Address);

        var reports = seen.Reports.ToList();
        Assert.Equal(DownloadPhase.Connecting, reports[0].Phase);
        Assert.Equal(DownloadPhase.Complete, reports[^1].Phase);
        Assert.Contains(reports, report => report is { Phase: DownloadPhase.Retrying, Note: { } note } && note.StartsWith("answered 503 (Busy); next attempt in ", StringComparison.Ordinal));
        Assert.Contains(reports, report => report is { Phase: DownloadPhase.Connecting, ReceivedBytes: 150_000 });
        Assert.All(reports, report => Assert.Equal(("tiny", server.Address, 300_000L), (report.What, report.Source, report.TotalBytes)));
        var receiving = reports.Where(report => report.Phase == DownloadPhase.Receiving).ToList();
        Assert.InRange(receiving.Count, 4, (int)(watch.Elapsed.TotalSeconds * 10) + 4);
        Assert.Contains(receiving, report => report.BytesPerSecond > 0);
    }

    [Fact]
    public async Task A_file_of_unknown_size_is_fetched_by_its_digest_alone()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 100_000, stall: false), Acts.Serve(bench.Bytes));
        var file = new ModelFile(bench.Sha256.ToUpperInvariant(), 0, [server.Address]);

        var path = await bench.Cache.GetAsync(file, "tiny", Cancellation);

        Assert.Equal(bench.Bytes, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal(["all", "bytes=100000-"], server.Ranges);
        Assert.Equal(path, bench.Cache.Find(file));
        await File.WriteAllBytesAsync(path, bench.Bytes[..1000], Cancellation);
        Assert.Null(bench.Cache.Find(file));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", "sent more than 100,000 bytes and was cut off")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 300000", "offers a file of 300,000 bytes; expected at most 100,000 (DownloadOptions.MaxUnknownSizeBytes)")]
    public async Task A_file_of_unknown_size_has_a_limit(string head, string said)
    {
        using var bench = new DownloadBench();
        bench.Options = bench.Options with { MaxUnknownSizeBytes = 100_000 };
        await using var server = new HostileServer(Acts.Say(head, bench.Bytes));
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => bench.Cache.GetAsync(new(bench.Sha256, 0, [server.Address]), "tiny", Cancellation));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_address_needs_no_network()
    {
        using var bench = new DownloadBench();
        bench.Options = bench.Options with { Offline = true };
        var source = bench.Folder["a model.onnx"];
        await File.WriteAllBytesAsync(source, bench.Bytes, Cancellation);

        var path = await bench.FetchAsync(new Uri("https://host.example/x"), new Uri(source));

        Assert.EndsWith(Path.Combine(bench.Sha256, "x.onnx"), path, StringComparison.Ordinal);
        Assert.Equal(new Uri(source).AbsoluteUri, Assert.Single(bench.Cache.List()).Source);
    }

    public static TheoryData<string, byte[], string> BadFiles => new()
    {
        { "pointer", Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:1f2e\nsize 3\n"), "sent a Git-LFS pointer" },
        { "short", new byte[10], "offers a file of 10 bytes; expected 300,000" },
        { "other", new byte[300_000], "sent 300,000 bytes that are another file" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task A_wrong_file_at_a_file_address_is_named(string name, byte[] content, string said)
    {
        using var bench = new DownloadBench();
        await File.WriteAllBytesAsync(bench.Folder[name], content, Cancellation);
        Assert.Contains($"/{name} {said}", await bench.FailAsync(new Uri(bench.Folder[name])), StringComparison.Ordinal);
        Assert.Contains("is a folder; name the file in it", await bench.FailAsync(new Uri(bench.Folder.Path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_fails_at_once_and_says_what_is_missing()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.Serve(bench.Bytes));
        bench.Options = bench.Options with { Offline = true, Mirrors = ["https://mirror.example/"] };

        var message = await bench.FailAsync(server.Address);

        Assert.Equal(
            $"tiny (sha256 {bench.Sha256}, 300,000 bytes) is not in the cache {bench.Root}, and the network is off (DownloadOptions.Offline). "
            + $"It would come from {server.Address}, https://mirror.example/models/tiny.onnx. "
            + "Fetch it once with the network on, import a bundle made on a machine that has it, or set ANNEAL_HOME to a cache that holds it.", message);
        Assert.Empty(server.Requests);
        Assert.False(Directory.Exists(bench.Root));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("0", null)]
    [InlineData("1", "ANNEAL_OFFLINE=1")]
    [InlineData("true", "ANNEAL_OFFLINE=1")]
    public void The_environment_can_turn_the_network_off(string? value, string? by) =>
        Assert.Equal(by, OfflineSetting.Find(new(), name => name == "ANNEAL_OFFLINE" ? value : null));

    [Fact]
    public void An_unclear_ANNEAL_OFFLINE_is_refused() =>
        Assert.Equal("ANNEAL_OFFLINE is 'maybe'; expected 1 (no network) or 0.", Assert.Throws<AnnealException>(() => OfflineSetting.Find(new(), _ => "maybe")).Message);

    [Fact]
    public async Task A_disk_without_room_is_named_before_a_byte_is_written()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 100_000, stall: false), Acts.Serve(bench.Bytes));
        var free = 365_536L;
        bench.Options = bench.Options with { FreeBytes = _ => free, MaxAttempts = 1 };
        await bench.FailAsync(server.Address);
        free = 265_535;

        var message = await bench.FailAsync(server.Address);

        Assert.Equal(
            $"The disk that holds the model cache {bench.Root} is full: tiny needs 265,536 more bytes and 265,535 are free. Free some space or set "
            + "ANNEAL_HOME to a folder on another disk, then try again; what came so far is resumed where the server allows it.", message);
        free = 265_536;
        await bench.FetchAsync(server.Address);
        Assert.Equal(["all", "bytes=100000-", "bytes=100000-"], server.Ranges);
    }

    [Theory]
    [InlineData(28, "is full: tiny needs 5 more bytes.")]
    [InlineData(unchecked((int)0x80070070), "is full: tiny needs 5 more bytes.")]
    [InlineData(122, "is full: tiny needs 5 more bytes.")]
    [InlineData(5, "cannot be used for tiny: trouble. Check the folder's permissions")]
    public void A_write_that_the_disk_refuses_is_explained(int code, string said)
    {
        var error = Assert.Throws<ModelUnavailableException>(() => DiskTrouble.Guard("/cache", "tiny", 5, () => throw new IOException("trouble", code)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_an_address_is_sent_and_never_shown()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.Status("403 Forbidden"));
        var message = await bench.FailAsync(new UriBuilder(server.Address) { UserName = "me", Password = "s3cret" }.Uri);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
        Assert.Contains($"{server.Address} answered 403", message, StringComparison.Ordinal);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("me:s3cret")), Assert.Single(server.Requests).Header("Authorization"));
    }

    [Fact]
    public async Task A_stranger_cannot_break_the_line_or_reach_the_terminal()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.Text($"<html><title>a\r\nb\u001b[2J{new string('x', 400)}</title>", "text/html"));
        var message = await bench.FailAsync(server.Address);
        Assert.Contains("titled 'a  b [2Jxxx", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public async Task A_part_that_cannot_be_continued_is_not_kept()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 100_000, stall: false, validator: null));
        await bench.FailAsync(server.Address);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(bench.Root, "partial")));
    }

    [Fact]
    public async Task A_proxy_is_used()
    {
        using var bench = new DownloadBench();
        await using var proxy = new HostileServer(Acts.Serve(bench.Bytes));
        bench.Options = bench.Options with { Proxy = new WebProxy($"http://{proxy.Address.Authority}") };
        await bench.FetchAsync(new Uri("http://host.example/tiny.onnx"));
        Assert.Equal("http://host.example/tiny.onnx", Assert.Single(proxy.Requests).Path);
    }

    [Fact]
    public async Task A_step_from_https_down_to_http_is_refused()
    {
        using var bench = new DownloadBench();
        using var handler = new Answering(_ => new(HttpStatusCode.Found) { Headers = { Location = new Uri("http://host.example/b.onnx") } });
        bench.Options = bench.Options with { Handler = handler };
        Assert.Contains(
            "https://host.example/a.onnx redirected from https to plain http (http://host.example/b.onnx), which is refused.",
            await bench.FailAsync(new Uri("https://host.example/a.onnx")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_not_asked_again()
    {
        using var bench = new DownloadBench();
        var asked = 0;
        using var handler = new Answering(_ =>
        {
            asked++;
            throw new HttpRequestException("Name or service not known", new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound));
        });
        bench.Options = bench.Options with { Handler = handler };
        Assert.Contains("https://host.invalid/a could not be asked (Name or service not known", await bench.FailAsync(new Uri("https://host.invalid/a")), StringComparison.Ordinal);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again_and_named()
    {
        using var bench = new DownloadBench();
        var server = new HostileServer(Acts.Silence);
        await server.DisposeAsync();
        Assert.Contains("could not be asked (Connection refused", await bench.FailAsync(server.Address), StringComparison.Ordinal);
        Assert.Equal(2, bench.Time.Pauses.Count);
    }

    [Theory]
    [InlineData("abc", 1, "the digest 'abc' is no SHA-256, which is 64 hexadecimal digits")]
    [InlineData("zz00000000000000000000000000000000000000000000000000000000000000", 1, "the digest 'zz00000000000000000000000000000000000000000000000000000000000000' is no SHA-256")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", -1, "the size -1 is negative")]
    public async Task A_card_with_an_impossible_file_is_refused(string sha256, long size, string said)
    {
        using var bench = new DownloadBench();
        var error = await Assert.ThrowsAsync<AnnealException>(() => bench.Cache.GetAsync(new(sha256, size, [new Uri("https://host.example/a")]), "tiny", Cancellation));
        Assert.Contains("tiny: " + said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://host.example/a.onnx")]
    [InlineData("models/a.onnx")]
    public async Task A_source_of_another_kind_is_refused(string source)
    {
        using var bench = new DownloadBench();
        var error = await Assert.ThrowsAsync<AnnealException>(() => bench.Cache.GetAsync(bench.File(new Uri(source, UriKind.RelativeOrAbsolute)), "tiny", Cancellation));
        Assert.Equal($"tiny: the source '{source}' cannot be used; expected an https:, http: or file: address.", error.Message);
    }

    [Fact]
    public async Task Without_a_source_the_message_says_so()
    {
        using var bench = new DownloadBench();
        Assert.Contains("and no source for it is given", await bench.FailAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, DownloadOptions> BadOptions => new()
    {
        { "IdleTimeout", new() { IdleTimeout = TimeSpan.Zero } },
        { "MaxAttempts", new() { MaxAttempts = 0 } },
        { "RetryDelay", new() { RetryDelay = TimeSpan.FromHours(1) } },
        { "MaxRetryAfter", new() { MaxRetryAfter = TimeSpan.FromDays(2) } },
        { "MaxUnknownSizeBytes", new() { MaxUnknownSizeBytes = 0 } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_range_are_refused_by_name(string name, DownloadOptions options) =>
        Assert.Contains($"DownloadOptions.{name} is ", Assert.Throws<AnnealException>(() => new ModelCache("unused", options)).Message, StringComparison.Ordinal);

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(5, Cancellation);
    }

    private sealed class Seen : IProgress<DownloadProgress>
    {
        public ConcurrentQueue<DownloadProgress> Reports { get; } = [];

        public void Report(DownloadProgress value) => Reports.Enqueue(value);
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
