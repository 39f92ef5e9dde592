using Anneal.Runtime.Conformance;

namespace Anneal.Training.Tests.Gpu;

/// <summary>ONNX's own vectors on the device that <c>ANNEAL_TEST_DEVICE</c> names. They take many minutes, so that they run when they are asked for.</summary>
[Collection("One device")]
public sealed class DeviceConformanceTests(ITestOutputHelper output)
{
    private const int LeastPassed = 650;

    [Fact(Explicit = true)]
    public void What_a_device_computes_is_what_the_vectors_hold()
    {
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
    private static bool IsRefusal(string reason) => reason.Contains("with To", StringComparison.Ordinal) || reason.Contains("(--device cpu)", StringComparison.Ordinal);
}
