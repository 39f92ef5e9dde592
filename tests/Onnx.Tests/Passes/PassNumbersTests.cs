using System.Collections.Concurrent;
using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>Whole networks compute after each pass, and after all of them, what they computed before.</summary>
public sealed class PassNumbersTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;

    // Models with so many bytes of weights are run after all passes only, not after each.
    private static readonly string[] Huge = ["light_vgg19.onnx", "light_zfnet512.onnx", "light_bvlc_alexnet.onnx"];

    /// <summary>The passes, each compared alone and all together in this order.</summary>
    private static IPass[] Passes => [.. StandardPasses.Make(), new FuseActivation(FusionTarget.OnnxRuntimeCpu)];

    [Fact]
    public void Networks_compute_after_every_pass_what_they_computed_before()
    {
        string[] paths = [.. Directory.GetFiles(TestData.Require("onnx-backend", "light"), "*.onnx"), .. Directory.GetFiles(TestData.Require("models"), "*.onnx")];
        var lines = new ConcurrentDictionary<string, (string Pass, double? Difference)[]>();
        // The largest first, so that the last to run are short.
        var queue = Partitioner.Create(paths.OrderByDescending(path => Huge.Contains(Path.GetFileName(path))).ToArray(), loadBalance: true);
        Parallel.ForEach(queue, new ParallelOptions { MaxDegreeOfParallelism = 2 }, path => lines[Path.GetFileName(path)] = Measure(path).ToArray());

        foreach (var (model, differences) in lines.OrderBy(line => line.Key, StringComparer.Ordinal))
            output.WriteLine($"{model,-42} {string.Join("  ", differences.Select(d => $"{d.Pass} {(d.Difference is { } x ? x.ToString("0.0e+0") : "same")}"))}");
        Assert.Equal(paths.Length, lines.Count);
        Assert.All(lines, line => Assert.All(line.Value, d => Assert.True((d.Difference ?? 0) <= Tolerance, $"{line.Key}: {d.Pass} makes a difference of {d.Difference}.")));
    }

    private static IEnumerable<(string Pass, double? Difference)> Measure(string path)
    {
        var model = PassNumbers.Load(path, Upgrade);
        if (!Huge.Contains(Path.GetFileName(path)))
        {
            yield return ("upgrade", model.UpgradeDifference());
            foreach (var pass in Passes)
                yield return (pass.Name, model.Difference(pass));
        }
        var (difference, before, after) = model.OptimizedDifference(Passes);
        yield return ($"all ({before} to {after} nodes)", difference);
    }

    private static void Upgrade(Model model) => new UpgradeOpset(UpgradeVectors.NewestOrtVersion).Run(model);
}
