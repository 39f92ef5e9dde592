using System.Diagnostics;
using System.Globalization;

namespace Anneal.Onnx.Tests;

/// <summary>
/// Peak memory, measured as the kernel counts it (VmHWM) in a child process of its own. ANNEAL_PEAK_MB sets the size of the model; the
/// default is small enough for every run.
/// </summary>
public sealed class MemoryTests
{
    private const int BaselineMegabytes = 1;

    private static readonly int Megabytes = int.Parse(Environment.GetEnvironmentVariable("ANNEAL_PEAK_MB") ?? "96", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("load", "raw-one")]
    [InlineData("load", "raw-many")]
    [InlineData("load", "floats")]
    [InlineData("save", "raw-one")]
    public void A_large_model_peaks_at_little_more_than_its_size(string action, string form)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc.");
        using var folder = new TempFolder();
        var (large, small) = (folder["large.onnx"], folder["small.onnx"]);
        LargeModel.Write(large, Megabytes, form);
        LargeModel.Write(small, BaselineMegabytes, form);

        var above = PeakBytes(action, large) - PeakBytes(action, small);
        var ratio = (double)above / (new FileInfo(large).Length - new FileInfo(small).Length);

        TestContext.Current.TestOutputHelper?.WriteLine($"{action} {form} {Megabytes} MB: {ratio:F3} of the file");
        Assert.InRange(ratio, 0.5, 1.1);
    }

    private static long PeakBytes(string action, string model)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["ANNEAL_PEAK_CHILD"] = $"{action}|{model}";
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, output);
        return long.Parse(output, CultureInfo.InvariantCulture);
    }
}
