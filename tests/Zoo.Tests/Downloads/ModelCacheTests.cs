using System.Runtime.InteropServices;
using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>What is in the cache: found, listed, checked, removed.</summary>
public sealed class ModelCacheTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("LINUX", "ANNEAL_HOME=/data/anneal;XDG_CACHE_HOME=/xdg", "/home/me", "/data/anneal")]
    [InlineData("LINUX", "XDG_CACHE_HOME=/xdg", "/home/me", "/xdg/anneal")]
    [InlineData("LINUX", "XDG_CACHE_HOME=relative", "/home/me", "/home/me/.cache/anneal")]
    [InlineData("LINUX", "ANNEAL_HOME=", "/home/me", "/home/me/.cache/anneal")]
    [InlineData("OSX", "XDG_CACHE_HOME=/xdg", "/Users/me", "/Users/me/Library/Caches/anneal")]
    [InlineData("WINDOWS", "LOCALAPPDATA=/me/Local", "/me", "/me/Local/anneal")]
    [InlineData("WINDOWS", "", "/me", "/me/AppData/Local/anneal")]
    public void The_cache_lies_where_the_platform_keeps_caches(string platform, string variables, string home, string expected)
    {
        var values = variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(
            expected.Replace('/', Path.DirectorySeparatorChar),
            ModelCacheLocation.Find(values.GetValueOrDefault, OSPlatform.Create(platform), home).Replace('/', Path.DirectorySeparatorChar));
    }

    [Fact]
    public void Without_a_home_folder_the_message_names_ANNEAL_HOME() =>
        Assert.Contains("Set ANNEAL_HOME", Assert.Throws<AnnealException>(() => ModelCacheLocation.Find(_ => null, OSPlatform.Linux, "")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://host.example/a/resnet101-v1-7.onnx?download=1", "resnet101-v1-7.onnx")]
    [InlineData("https://host.example/a/My%20Model%2F..%5C.onnx", "My-Model.onnx")]
    [InlineData("https://host.example/a/model.ort", "model.ort.onnx")]
    [InlineData("https://host.example/a/..%2f..%2fetc%2fpasswd", "etc-passwd.onnx")]
    [InlineData("https://host.example/", "model.onnx")]
    [InlineData("https://host.example/%F0%9F%90%88.ONNX", "model.onnx")]
    public void The_file_keeps_a_telling_and_harmless_name(string source, string expected) =>
        Assert.Equal(expected, ModelCacheLayout.FileName([new Uri(source)], "tiny"));

    [Fact]
    public async Task A_cached_file_is_found_and_listed_without_the_network()
    {
        using var bench = new DownloadBench();
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await using (var server = new HostileServer(Acts.Serve(bench.Bytes)))
            await bench.FetchAsync(server.Address);

        var path = await bench.FetchAsync(new Uri("http://127.0.0.1:9/gone.onnx"));

        Assert.Equal(Path.Combine(bench.Root, "blobs", "sha256", bench.Sha256, "tiny.onnx"), path);
        var model = Assert.Single(bench.Cache.List());
        Assert.Equal((bench.Sha256, 300_000L, path), (model.Sha256, model.SizeBytes, model.Path));
        Assert.Equal(["tiny"], model.Names);
        Assert.InRange(model.AddedAt, before, DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task A_cache_that_nothing_may_be_written_to_serves_what_it_has()
    {
        using var bench = new DownloadBench();
        var path = await FillAsync(bench);
        var times = Directory.EnumerateFileSystemEntries(bench.Root, "*", SearchOption.AllDirectories).ToDictionary(entry => entry, File.GetLastWriteTimeUtc);
        Assert.Equal(path, await bench.Cache.GetAsync(bench.File(), "another name", Cancellation));
        Assert.All(times, entry => Assert.Equal(entry.Value, File.GetLastWriteTimeUtc(entry.Key)));
    }

    [Fact]
    public async Task A_cache_folder_that_cannot_be_made_is_named()
    {
        using var bench = new DownloadBench();
        await File.WriteAllTextAsync(bench.Root, "a file where the folder should be", Cancellation);
        var message = (await Assert.ThrowsAsync<ModelUnavailableException>(() => bench.Cache.GetAsync(bench.File(new Uri("http://127.0.0.1:9/a")), "tiny", Cancellation))).Message;
        Assert.Contains($"The model cache {bench.Root} cannot be used for tiny: ", message, StringComparison.Ordinal);
        Assert.Contains("set ANNEAL_HOME to another folder", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_wrong_length_is_fetched_anew()
    {
        using var bench = new DownloadBench();
        var path = await FillAsync(bench);
        await File.WriteAllBytesAsync(path, bench.Bytes[..1000], Cancellation);

        Assert.Null(bench.Cache.Find(bench.File()));
        await FillAsync(bench);
    }

    [Fact]
    public async Task A_card_with_the_wrong_size_does_not_cost_the_good_file()
    {
        using var bench = new DownloadBench();
        await FillAsync(bench);
        var wrong = new ModelFile(bench.Sha256, 5, [new Uri("http://127.0.0.1:9/a")]);
        var error = await Assert.ThrowsAsync<AnnealException>(() => bench.Cache.GetAsync(wrong, "tiny", Cancellation));
        Assert.Contains("the file with this digest has 300,000 bytes", error.Message, StringComparison.Ordinal);
        Assert.NotNull(bench.Cache.Find(bench.File()));
    }

    [Fact]
    public async Task A_full_check_finds_one_changed_byte_and_removes_the_file()
    {
        using var bench = new DownloadBench();
        var path = await FillAsync(bench);
        await bench.Cache.CheckAsync(bench.File(), "tiny", Cancellation);
        var changed = await SpoilAsync(bench, path);

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => bench.Cache.CheckAsync(bench.File(), "tiny", Cancellation));

        Assert.Contains($"expected sha256 {bench.Sha256}, received {changed}. It was removed", error.Message, StringComparison.Ordinal);
        Assert.Null(bench.Cache.Find(bench.File()));
        await FillAsync(bench);
    }

    [Fact]
    public async Task Verify_names_the_bad_file_removes_it_and_keeps_the_good_one()
    {
        using var bench = new DownloadBench();
        var bad = await FillAsync(bench);
        var good = DownloadBench.Noise(5000, seed: 3);
        await using var server = new HostileServer(Acts.Serve(good));
        await bench.Cache.GetAsync(new(DownloadBench.Digest(good), good.Length, [server.Address]), "good", Cancellation);
        var changed = await SpoilAsync(bench, bad);

        var checks = await bench.Cache.VerifyAsync(Cancellation);

        Assert.Equal((bad, changed), checks.Where(check => !check.IsGood).Select(check => (check.Model.Path, check.ReceivedSha256)).Single());
        Assert.Equal("good", Assert.Single(Assert.Single(bench.Cache.List()).Names));
        Assert.Equal(2, checks.Count);
    }

    [Fact]
    public async Task Files_are_removed_one_by_one_or_all()
    {
        using var bench = new DownloadBench();
        Assert.Equal(0, await bench.Cache.RemoveAsync(bench.Sha256, Cancellation));
        await FillAsync(bench);
        Assert.Equal(300_000, await bench.Cache.RemoveAsync(bench.Sha256, Cancellation));
        Assert.Empty(bench.Cache.List());
        await FillAsync(bench);
        Assert.Equal(300_000, await bench.Cache.RemoveAllAsync(Cancellation));
        Assert.Empty(bench.Cache.List());
    }

    [Fact]
    public async Task Parts_are_removed_unless_they_are_under_way()
    {
        using var bench = new DownloadBench();
        bench.Options = bench.Options with { MaxAttempts = 1 };
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 1000, stall: false), Acts.ServeUntil(bench.Bytes, 2000, stall: true));
        await bench.FailAsync(server.Address);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var underWay = bench.Cache.GetAsync(bench.File(server.Address), "tiny", cancel.Token);
        while (bench.Cache.ListPartial() is not [{ SizeBytes: 2000 }])
            await Task.Delay(10, Cancellation);

        Assert.Equal(0, bench.Cache.RemovePartial());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => underWay);
        Assert.Equal(2000, bench.Cache.RemovePartial());
        Assert.Empty(bench.Cache.ListPartial());
    }

    [Fact]
    public async Task A_part_that_was_tampered_with_is_thrown_away()
    {
        using var bench = new DownloadBench();
        bench.Options = bench.Options with { MaxAttempts = 1 };
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 1000, stall: false), Acts.Serve(bench.Bytes));
        await bench.FailAsync(server.Address);
        var part = Path.Combine(bench.Root, "partial", bench.Sha256);
        await File.WriteAllTextAsync(part + ".json", "{ not json", Cancellation);
        Assert.Null(Assert.Single(bench.Cache.ListPartial()).Source);
        await bench.FetchAsync(server.Address);
        Assert.Equal(["all", "all"], server.Ranges);
    }

    [Theory]
    [InlineData(300_000, 0)]
    [InlineData(300_007, 1)]
    public async Task A_part_that_is_already_whole_needs_no_request_and_one_too_long_begins_anew(int length, int requests)
    {
        using var bench = new DownloadBench();
        Directory.CreateDirectory(Path.Combine(bench.Root, "partial"));
        await File.WriteAllBytesAsync(Path.Combine(bench.Root, "partial", bench.Sha256), [.. bench.Bytes, .. new byte[length - 300_000]], Cancellation);
        await using var server = new HostileServer(Acts.Serve(bench.Bytes));
        await bench.FetchAsync(server.Address);
        Assert.Equal(requests, server.Requests.Count);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_costs_only_the_names()
    {
        using var bench = new DownloadBench();
        var path = await FillAsync(bench);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(path)!, "about.json"), "null", Cancellation);
        Assert.Equal(path, Assert.Single(bench.Cache.List()).Path);
        Assert.Equal(path, bench.Cache.Find(bench.File()));
    }

    private static async Task<string> FillAsync(DownloadBench bench)
    {
        await using var server = new HostileServer(Acts.Serve(bench.Bytes));
        return await bench.FetchAsync(server.Address);
    }

    private static async Task<string> SpoilAsync(DownloadBench bench, string path)
    {
        byte[] bytes = [.. bench.Bytes];
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        return DownloadBench.Digest(bytes);
    }
}
