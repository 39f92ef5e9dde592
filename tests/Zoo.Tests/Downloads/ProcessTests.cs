using System.Diagnostics;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>Several processes on one cache, and processes that are killed.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Eight_processes_at_once_all_get_the_file_from_one_download()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.Drip(bench.Bytes, 10_000, TimeSpan.FromMilliseconds(50)));

        var children = Enumerable.Range(0, 8).Select(_ => FetchingChild.Start(bench.Root, bench.File(server.Address))).ToList();
        foreach (var child in children)
            await EndAsync(child);

        Assert.Equal(["all"], server.Ranges);
        bench.AssertClean();
        Assert.NotNull(bench.Cache.Find(bench.File()));
    }

    [Fact(Timeout = 60_000)]
    public async Task After_a_kill_halfway_only_the_rest_is_fetched()
    {
        using var bench = new DownloadBench();
        await using var server = new HostileServer(Acts.ServeUntil(bench.Bytes, 150_000, stall: true), Acts.Serve(bench.Bytes));

        using (var child = FetchingChild.Start(bench.Root, bench.File(server.Address)))
        {
            while (bench.Cache.ListPartial().Sum(part => part.SizeBytes) < 150_000)
                await Task.Delay(20, TestContext.Current.CancellationToken);
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        bench.AssertClean();
        Assert.Null(bench.Cache.Find(bench.File()));
        var part = Assert.Single(bench.Cache.ListPartial());
        Assert.Equal((bench.Sha256, 150_000, server.Address.AbsoluteUri), (part.Sha256, part.SizeBytes, part.Source));

        await bench.FetchAsync(server.Address);

        Assert.Equal(["all", "bytes=150000-"], server.Ranges);
        Assert.InRange(server.Requests.Last().SentBytes, 150_000, 151_000);
        Assert.Empty(bench.Cache.ListPartial());
    }

    private static async Task EndAsync(Process child)
    {
        using (child)
        {
            var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(child.ExitCode == 0, output);
        }
    }
}
