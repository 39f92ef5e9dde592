using System.Security.Cryptography;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>A cache in a folder of its own, a hurried clock, and a file to fetch.</summary>
internal sealed class DownloadBench : IDisposable
{
    private readonly TempFolder _folder = new();

    public DownloadBench(int sizeBytes = 300_000)
    {
        Bytes = Noise(sizeBytes, seed: 1);
        Options = new() { TimeProvider = Time, IdleTimeout = TimeSpan.FromSeconds(400), MaxAttempts = 3 };
    }

    /// <summary>The right bytes.</summary>
    public byte[] Bytes { get; }

    public HurriedTime Time { get; } = new();

    public DownloadOptions Options { get; set; }

    public string Root => _folder["cache"];

    public TempFolder Folder => _folder;

    public ModelCache Cache => new(Root, Options);

    public string Sha256 => Digest(Bytes);

    /// <summary>The card's view of the file.</summary>
    public ModelFile File(params Uri[] sources) => new(Sha256, Bytes.Length, sources);

    public static byte[] Noise(int sizeBytes, int seed)
    {
        var bytes = new byte[sizeBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Fetches, and checks that what came is right.</summary>
    public async Task<string> FetchAsync(params Uri[] sources)
    {
        var path = await Cache.GetAsync(File(sources), "tiny", TestContext.Current.CancellationToken);
        Assert.Equal(Bytes, await System.IO.File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        AssertClean();
        return path;
    }

    /// <summary>Fetches in vain, and checks that nothing wrong is left; gives the message.</summary>
    public async Task<string> FailAsync(params Uri[] sources)
    {
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => Cache.GetAsync(File(sources), "tiny", TestContext.Current.CancellationToken));
        Assert.Null(Cache.Find(File()));
        AssertClean();
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    /// <summary>Every file that the cache would serve is what its folder says.</summary>
    public void AssertClean()
    {
        var blobs = Path.Combine(Root, "blobs");
        if (!Directory.Exists(blobs))
            return;
        foreach (var file in Directory.EnumerateFiles(blobs, "*.onnx", SearchOption.AllDirectories))
            Assert.Equal(Path.GetFileName(Path.GetDirectoryName(file)), Digest(System.IO.File.ReadAllBytes(file)));
    }

    public void Dispose() => _folder.Dispose();
}
