using System.Diagnostics;
using System.Globalization;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>
/// The long runs of <c>eng/acceptance/downloads.sh</c>: explicit tests, left out of the suite. Every round prints into the figures at the end.
/// </summary>
public sealed class DownloadSoak(ITestOutputHelper output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Killed_at_random_moments_the_cache_stays_clean_and_the_next_try_succeeds()
    {
        var kills = Number("ANNEAL_SOAK_KILLS", 100);
        using var bench = new DownloadBench(2_000_000);
        var (resumed, anew, complete, bytesAgain) = (0, 0, 0, 0L);
        var random = new Random(7);
        for (var round = 0; round < kills; round++)
        {
            await using var server = new HostileServer(Acts.Drip(bench.Bytes, 100_000, Pause), Acts.Serve(bench.Bytes));
            await KillAsync(bench, server, random.Next(0, 700));
            bench.AssertClean();
            if (bench.Cache.Find(bench.File()) is not null)
                complete++;
            var requests = server.Requests.Count;

            await bench.FetchAsync(server.Address);

            foreach (var again in server.Requests.Skip(requests))
            {
                bytesAgain += again.SentBytes;
                _ = again.Header("Range") is null ? anew++ : resumed++;
            }
            Assert.Equal(0, bench.Cache.RemovePartial());
            await bench.Cache.RemoveAllAsync(Cancellation);
        }
        output.WriteLine($"{kills} kills: 0 bad files; {complete} after the file was complete, {resumed} resumed, {anew} begun anew; "
            + $"second tries fetched {100.0 * bytesAgain / ((resumed + anew) * 2_000_000.0):0} % of their files on average; every second try succeeded.");
    }

    [Fact(Explicit = true)]
    public async Task Eight_processes_share_one_download_again_and_again()
    {
        var rounds = Number("ANNEAL_SOAK_ROUNDS", 20);
        using var bench = new DownloadBench(2_000_000);
        for (var round = 0; round < rounds; round++)
        {
            await using var server = new HostileServer(Acts.Drip(bench.Bytes, 100_000, Pause));
            var children = Enumerable.Range(0, 8).Select(_ => FetchingChild.Start(bench.Root, bench.File(server.Address))).ToList();
            foreach (var child in children)
                Assert.Equal(0, await EndAsync(child));
            Assert.Equal(["all"], server.Ranges);
            bench.AssertClean();
            await bench.Cache.RemoveAllAsync(Cancellation);
        }
        output.WriteLine($"{rounds} × 8 processes: {rounds} downloads in all, 8 of 8 processes succeeded each time.");
    }

    [Fact(Explicit = true)]
    public async Task When_some_of_eight_processes_are_killed_the_others_finish_the_work()
    {
        var rounds = Number("ANNEAL_SOAK_ROUNDS", 20);
        using var bench = new DownloadBench(2_000_000);
        var random = new Random(9);
        var (survivors, requests) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            await using var server = new HostileServer(Acts.Drip(bench.Bytes, 40_000, Pause));
            var children = Enumerable.Range(0, 8).Select(_ => FetchingChild.Start(bench.Root, bench.File(server.Address))).ToList();
            while (server.Requests.IsEmpty)
                await Task.Delay(5, Cancellation);
            foreach (var victim in children.Take(4))
            {
                await Task.Delay(random.Next(0, 300), Cancellation);
                victim.Kill();
            }
            foreach (var child in children.Take(4))
                await EndAsync(child);
            foreach (var child in children.Skip(4))
                survivors += await EndAsync(child) == 0 ? 1 : 0;
            requests += server.Requests.Count;
            bench.AssertClean();
            Assert.NotNull(bench.Cache.Find(bench.File()));
            await bench.Cache.RemoveAllAsync(Cancellation);
        }
        Assert.Equal(rounds * 4, survivors);
        output.WriteLine($"{rounds} × 8 processes, 4 of them killed: {survivors} of {rounds * 4} survivors succeeded with {requests} requests in all.");
    }

    [Theory(Explicit = true)]
    [InlineData("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 4000000", "more bytes and")]
    [InlineData("HTTP/1.1 200 OK\r\nETag: \"v1\"", "needs")]
    public async Task A_full_disk_is_named_and_the_next_try_after_making_room_succeeds(string head, string said)
    {
        var disk = Environment.GetEnvironmentVariable("ANNEAL_SOAK_SMALL_DISK");
        Assert.SkipWhen(disk is null, "ANNEAL_SOAK_SMALL_DISK must name a file system of 6 MB.");
        using var bench = new DownloadBench(4_000_000);
        var unknownSize = new ModelFile(bench.Sha256, 0, []);
        var filler = Path.Combine(disk, "filler");
        await File.WriteAllBytesAsync(filler, new byte[3_000_000], Cancellation);
        await using var server = new HostileServer(Acts.Say(head, bench.Bytes), Acts.Serve(bench.Bytes));
        var cache = new ModelCache(Path.Combine(disk, "cache"));
        var file = unknownSize with { Sources = [server.Address] };

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => cache.GetAsync(file, "tiny", Cancellation));
        var kept = cache.ListPartial().Sum(part => part.SizeBytes);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Empty(cache.List());
        File.Delete(filler);
        var path = await cache.GetAsync(file, "tiny", Cancellation);

        Assert.Equal(bench.Bytes, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal(["all", kept > 0 ? $"bytes={kept}-" : "all"], server.Ranges);
        output.WriteLine($"full disk: {error.Message} ({kept:N0} bytes were kept and resumed)");
        await cache.RemoveAllAsync(Cancellation);
    }

    private static async Task KillAsync(DownloadBench bench, HostileServer server, int afterMilliseconds)
    {
        using var child = FetchingChild.Start(bench.Root, bench.File(server.Address));
        while (server.Requests.IsEmpty)
            await Task.Delay(5, Cancellation);
        await Task.Delay(afterMilliseconds, Cancellation);
        child.Kill();
        await child.WaitForExitAsync(Cancellation);
    }

    private static async Task<int> EndAsync(Process child)
    {
        using (child)
        {
            await child.StandardOutput.ReadToEndAsync(Cancellation);
            await child.WaitForExitAsync(Cancellation);
            return child.ExitCode;
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);
}
