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
    private const int LeastPassed = 763;

    private static readonly string[] Suites = ["node", "simple", "pytorch-converted", "pytorch-operator"];

    [Fact]
    public void What_is_computed_is_what_the_vectors_hold()
    {
        var outcomes = new ConcurrentBag<(string Outcome, string Detail)>();
        Parallel.ForEach(Suites.SelectMany(suite => Directory.GetDirectories(TestData.Require("onnx-backend", suite))), folder => outcomes.Add(Try(folder)));

        foreach (var group in outcomes.GroupBy(o => o.Outcome).OrderByDescending(g => g.Count()))
            output.WriteLine($"{group.Count(),5} {group.Key}");
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
                return ("wrong", $"{Path.GetFileName(folder)}: {fault}");
        return ("passed", folder);
    }

    private static string? Fault(GraphRunner runner, Model model, string set)
    {
        using var scope = Grad.Off();
        try
        {
            var found = runner.Run([.. Load(set, "input", model.Graph.RequiredInputs.Count())]);
            var expected = Load(set, "output", model.Graph.Outputs.Count);
            for (var i = 0; i < expected.Length; i++)
                if (Compare.Fault(expected[i], found[i], 1e-3, 1e-7) is { } fault)
                    return $"output {i}: {fault}";
            return null;
        }
        catch (AnnealException e)
        {
            return e.Message;
        }
    }

    private static Tensor[] Load(string set, string kind, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Path.Combine(set, $"{kind}_{i}.pb")).Where(File.Exists).Select(path => Tensor.From(TensorFile.Load(path)))];

    private static string? Obstacle(Model model)
    {
        foreach (var value in model.Graph.Inputs.Concat(model.Graph.Outputs))
            if (value.Type is not TensorType { ElementType: DType.Float32 or DType.Double or DType.Int64 or DType.Int32 or DType.Bool or DType.UInt8 })
                return "an element type that is not computed";
        foreach (var node in model.AllGraphs().SelectMany(g => g.Nodes))
        {
            if (OpTable.Find(node.Domain, node.OpType) is null)
                return $"unknown operator {node.OpType}";
        }
        return null;
    }
}
