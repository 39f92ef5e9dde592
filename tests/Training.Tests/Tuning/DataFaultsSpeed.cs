using System.Diagnostics;
using Anneal.Training.Data;
using Anneal.Training.Tuning;

namespace Anneal.Training.Tests.Tuning;

/// <summary>How long a look at many photos takes. A measurement, run only when it is asked for.</summary>
public sealed class DataFaultsSpeed(ITestOutputHelper output)
{
    private const int Count = 10_000;

    [Fact(Explicit = true)]
    public void Ten_thousand_photos_take_less_than_a_minute_on_two_cores()
    {
        string[] photos = [.. Directory.GetFiles(TestData.Require("datasets", "hymenoptera", "train"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        using var folder = new TempFolder();
        for (var i = 0; i < Count; i++)
            Copy(photos[i % photos.Length], folder[$"class{i % 10}", $"{i}.jpg"], i);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var digest = DatasetDigest.Of(new ImageFolder(folder.Path), TestContext.Current.CancellationToken);
        var hashed = watch.Elapsed;
        var found = DataFaults.Find(new ImageFolder(folder.Path), cancellation: TestContext.Current.CancellationToken);
        var seconds = (watch.Elapsed - hashed).TotalSeconds;
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        output.WriteLine(FormattableString.Invariant($"{Count} photos: hashed in {hashed.TotalSeconds:0.0} s, hashed and decoded in {seconds:0.0} s; {cpu.TotalSeconds:0.0} s of processor time in all"));
        Assert.Empty(found.Faults);
        Assert.Equal(digest, DatasetDigest.Of(found.Training));
        Assert.True(cpu.TotalSeconds < 2 * 60, $"{cpu.TotalSeconds} s of processor time");
    }

    /// <summary>A copy with other bytes after the picture's end, which decoders leave alone.</summary>
    private static void Copy(string from, string to, int number)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        using var file = File.Create(to);
        file.Write(File.ReadAllBytes(from));
        file.Write(BitConverter.GetBytes(number));
    }
}
