using System.Diagnostics;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>
/// A process of its own that fetches one file: this very program, told to run the one explicit test below. What it is to do comes in
/// environment variables; its exit code says whether it did.
/// </summary>
public sealed class FetchingChild
{
    private const string Prefix = "ANNEAL_TEST_CHILD_";

    /// <summary>Starts a process that fetches the file into the cache.</summary>
    internal static Process Start(string root, ModelFile file)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Anneal.Zoo.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(program, ["-method", $"{typeof(FetchingChild).FullName}.{nameof(Fetch)}", "-explicit", "only"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Prefix + "ROOT"] = root;
        start.Environment[Prefix + "SHA256"] = file.Sha256;
        start.Environment[Prefix + "SIZE"] = $"{file.SizeBytes}";
        start.Environment[Prefix + "SOURCE"] = file.Sources[0].AbsoluteUri;
        return Process.Start(start)!;
    }

    [Fact(Explicit = true)]
    public async Task Fetch()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Prefix + "ROOT") is null, "This is what child processes of other tests run.");
        var file = new ModelFile(Told("SHA256"), long.Parse(Told("SIZE")), [new Uri(Told("SOURCE"))]);
        var path = await new ModelCache(Told("ROOT")).GetAsync(file, "tiny", TestContext.Current.CancellationToken);
        Assert.Equal(file.Sha256, DownloadBench.Digest(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)));
    }

    private static string Told(string name) => Environment.GetEnvironmentVariable(Prefix + name)!;
}
