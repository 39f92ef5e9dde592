using System.Collections.Concurrent;
using Anneal.Runtime.Conformance;
using Anneal.Training.Tests.Engine;

namespace Anneal.Training.Tests;

/// <summary>ONNX's own conformance vectors, run as <c>anneal conformance</c> runs them.</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    // How many cases pass. It only grows.
    private const int LeastPassed = 1138;

    [Fact]
    public void What_is_computed_is_what_the_vectors_hold()
    {
        var check = new ConformanceCheck(new AnnealEngine(), BothEngines.OnCpu);
        var results = new ConcurrentDictionary<string, ConformanceResult>();
        Parallel.ForEach(ConformanceCase.Find(TestData.Require("onnx-backend")), @case => results[@case.Name] = check.Run(@case, TestContext.Current.CancellationToken));

        foreach (var group in results.Values.GroupBy(Kind).OrderByDescending(group => group.Count()))
            output.WriteLine($"{group.Count(),5} {group.Key}");
        Assert.Empty(results.Where(result => result.Value.Outcome is ConformanceOutcome.Fail).Select(result => $"{result.Key}: {result.Value.Reason}").Order(StringComparer.Ordinal));
        Assert.InRange(results.Values.Count(result => result.Outcome is ConformanceOutcome.Pass), LeastPassed, int.MaxValue);
    }

    /// <summary>The outcome, and the reason without the names of model and nodes.</summary>
    private static string Kind(ConformanceResult result) =>
        $"{result.Outcome} {result.Reason?.Split("' has ", 2)[^1].Split("' cannot be run ", 2)[^1].Split("' failed: ", 2)[^1].Split('(')[0]}";
}
