using Anneal.Runtime.Conformance;

namespace Anneal.Training.Tests.Gpu;

/// <summary>ONNX's own vectors on a device. They take minutes, so that they run where a device is named (<c>ANNEAL_TEST_DEVICE=cuda:0</c>).</summary>
[Trait("Category", "Gpu"), Collection("One device")]
public sealed class DeviceConformanceTests(ITestOutputHelper output)
{
    // How many cases pass. It only grows.
    private const int LeastPassed = 900;

    [Fact]
    public void What_a_device_computes_is_what_the_vectors_hold()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("ANNEAL_TEST_DEVICE") is null, "ANNEAL_TEST_DEVICE names no device.");
        var check = new ConformanceCheck(new AnnealEngine(), new() { Device = DeviceRowTests.Require() });
        var results = ConformanceCase.Find(TestData.Require("onnx-backend")).Select(@case => (@case.Name, Result: check.Run(@case, TestContext.Current.CancellationToken))).ToArray();

        foreach (var group in results.GroupBy(result => result.Result.Outcome))
            output.WriteLine($"{group.Count(),5} {group.Key}");
        var failed = results.Where(result => result.Result.Outcome is ConformanceOutcome.Fail);
        foreach (var (name, result) in failed)
            output.WriteLine($"{name}: {result.Reason}");
        Assert.Empty(failed.Where(result => !IsRefusal(result.Result.Reason!)).Select(result => result.Name));
        Assert.InRange(results.Count(result => result.Result.Outcome is ConformanceOutcome.Pass), LeastPassed, int.MaxValue);
    }

    /// <summary>Whether a case was refused rather than computed wrongly.</summary>
    private static bool IsRefusal(string reason) => reason.Contains("To(Device.Cpu)", StringComparison.Ordinal) || reason.Contains("with To", StringComparison.Ordinal);
}
