using System.Collections.Concurrent;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Training.Graphs;

namespace Anneal.Training.Tests;

/// <summary>ONNX's own conformance vectors: what the engine computes is what they hold (relative 1e-3, absolute 1e-7, as ONNX's own runner has it).</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    // How many cases pass. It only grows.
    private const int LeastPassed = 1030;

    // Of these types every case passes whose operators have kernels; of others a kernel may refuse some.
    private static readonly DType[] Promised = [DType.Float32, DType.Double, DType.Int64, DType.Int32, DType.Bool, DType.UInt8];

    private static readonly string[] Suites = ["node", "simple", "pytorch-converted", "pytorch-operator"];

    [Fact]
    public void What_is_computed_is_what_the_vectors_hold()
    {
        var outcomes = new ConcurrentBag<(string Outcome, string Detail)>();
        Parallel.ForEach(Suites.SelectMany(suite => Directory.GetDirectories(TestData.Require("onnx-backend", suite))), folder => outcomes.Add(Try(folder)));

        foreach (var group in outcomes.GroupBy(o => o.Outcome).OrderByDescending(g => g.Count()))
            output.WriteLine($"{group.Count(),5} {group.Key}, as {Path.GetFileName(group.Min(o => o.Detail))}");
        Assert.Empty(outcomes.Where(o => o.Outcome == "wrong").Select(o => o.Detail).Order(StringComparer.Ordinal));
        Assert.InRange(outcomes.Count(o => o.Outcome == "passed"), LeastPassed, int.MaxValue);
    }

    private static (string, string) Try(string folder)
    {
        var model = OnnxFile.Load(Path.Combine(folder, "model.onnx"));
        if (Obstacle(model) is { } obstacle)
            return (obstacle, folder);
        GraphRunner runner;
        try
        {
            model = UpgradeOpset.Upgraded(model);
            runner = new(model.Graph);
        }
        catch (AnnealException e)
        {
            return (e.Message.Split(": ")[^1].Contains("kernel", StringComparison.Ordinal) ? "no kernel: " + e.Message.Split(' ')[0] : e.Message, folder);
        }
        foreach (var set in Directory.GetDirectories(folder, "test_data_set_*"))
            if (Fault(runner, model, set) is { } fault)
                return (Kind(model, fault.IsRefused), $"{Path.GetFileName(folder)}: {fault.Text}");
        return ("passed", folder);
    }

    private static string Kind(Model model, bool isRefused)
    {
        if (isRefused && ElementTypes(model).Except(Promised).Order().ToArray() is { Length: > 0 } types)
            return $"refused: {string.Join(", ", types)}";
        return !isRefused && Draws(model) ? "random numbers of NumPy's stream" : "wrong";
    }

    /// <summary>What is drawn cannot be what another generator drew; shares, means and deviations are <see cref="RandomOpTests"/>' matter.</summary>
    private static bool Draws(Model model) => model.AllGraphs().SelectMany(graph => graph.Nodes)
        .Any(node => node.OpType is "Dropout" or "Bernoulli" or "Multinomial" || node.OpType.StartsWith("Random", StringComparison.Ordinal));

    private static (string Text, bool IsRefused)? Fault(GraphRunner runner, Model model, string set)
    {
        using var scope = Grad.Off();
        try
        {
            var found = runner.Run([.. Load(set, "input", model.Graph.RequiredInputs.Count())]);
            var expected = Load(set, "output", model.Graph.Outputs.Count);
            for (var i = 0; i < expected.Length; i++)
                if (Compare.Fault(expected[i], found[i], 1e-3, Absolute(set)) is { } fault)
                    return ($"output {i}: {fault}", false);
            return null;
        }
        catch (AnnealException e)
        {
            return (e.Message, true);
        }
    }

    // Where these transforms give 0, their vectors hold what a transform in float32 left over: up to 2e-7 beside numbers up to 50.
    private static double Absolute(string set) => set.Contains("test_dft_inverse", StringComparison.Ordinal) ? 1e-6 : 1e-7;

    private static Tensor[] Load(string set, string kind, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Path.Combine(set, $"{kind}_{i}.pb")).Where(File.Exists).Select(path => Tensor.From(TensorFile.Load(path)))];

    private static IEnumerable<DType> ElementTypes(Model model) =>
        model.Graph.Inputs.Concat(model.Graph.Outputs).Select(value => (value.Type as TensorType)?.ElementType ?? DType.Undefined).Distinct();

    private static string? Obstacle(Model model)
    {
        if (ElementTypes(model).Contains(DType.Undefined))
            return "a value that is no tensor";
        if (ElementTypes(model).Where(type => type.Bits() < 8).ToArray() is [var narrow, ..])
            return $"no numbers of a byte or more: {narrow}";
        foreach (var node in model.AllGraphs().SelectMany(g => g.Nodes))
        {
            if (OpTable.Find(node.Domain, node.OpType) is null)
                return $"unknown operator {node.OpType}";
        }
        return null;
    }
}
