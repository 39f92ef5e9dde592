using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Ops;

/// <summary>ONNX's own conformance vectors as an oracle of inference: what was computed has the type and shape that was inferred.</summary>
public sealed class VectorInferenceTests(ITestOutputHelper output)
{
    // How many cases use only operators that the table has, once they are upgraded to the versions that it means. It only grows.
    private const int LeastRun = 1210;

    // The loop's counter decides how much of a tensor each round takes, and counters are not followed: an extent stays unknown.
    private static readonly string[] Inexact = ["test_loop11"];

    private static readonly string[] Suites = ["node", "simple", "pytorch-converted", "pytorch-operator"];

    [Fact]
    public void What_is_inferred_is_what_was_computed()
    {
        var outcomes = new ConcurrentBag<(string Reason, string Detail)>();
        Parallel.ForEach(Suites.SelectMany(suite => Directory.GetDirectories(TestData.Require("onnx-backend", suite))), folder =>
        {
            foreach (var outcome in Try(folder))
                outcomes.Add(outcome);
        });

        foreach (var reason in outcomes.GroupBy(o => o.Reason).OrderByDescending(g => g.Count()))
            output.WriteLine($"{reason.Count(),5} {reason.Key}");
        foreach (var (_, detail) in outcomes.Where(o => o.Reason == "wrong"))
            output.WriteLine(detail);
        Assert.Empty(outcomes.Where(o => o.Reason == "wrong").Select(o => o.Detail).Order(StringComparer.Ordinal));
        Assert.InRange(outcomes.Count(o => o.Reason == "right"), LeastRun, int.MaxValue);
    }

    private static IEnumerable<(string Reason, string Detail)> Try(string folder)
    {
        var model = OnnxFile.Load(Path.Combine(folder, "model.onnx"));
        if (Obstacle(model) is { } obstacle || !TryUpgrade(ref model, out obstacle))
            return [(obstacle, folder)];
        var faults = Directory.GetDirectories(folder, "test_data_set_*").SelectMany(set => Faults(model, set, isExact: !Inexact.Contains(Path.GetFileName(folder)))).ToArray();
        return faults.Length == 0 ? [("right", folder)] : faults.Select(fault => ("wrong", $"{Path.GetFileName(folder)}: {fault}"));
    }

    /// <summary>Why a case says nothing about the table; null when it does.</summary>
    private static string? Obstacle(Model model)
    {
        if (model.Graph.Inputs.Concat(model.Graph.Outputs).FirstOrDefault(v => v.Type is not TensorType) is { } other)
            return $"no tensor but {other.Type?.GetType().Name}";
        return model.AllGraphs().SelectMany(g => g.Nodes).FirstOrDefault(node => OpTable.Find(node.Domain, node.OpType) is null) is { } unknown
            ? $"unknown operator {unknown.Domain}{(unknown.Domain.Length > 0 ? "." : "")}{unknown.OpType}"
            : null;
    }

    /// <summary>Takes the case to the versions that the table means; false with the reason where it has no counterpart there.</summary>
    private static bool TryUpgrade(ref Model model, [NotNullWhen(false)] out string? obstacle)
    {
        obstacle = null;
        try
        {
            model = UpgradeOpset.Upgraded(model);
        }
        catch (AnnealException refusal)
        {
            obstacle = $"not upgraded: {refusal.Message}";
        }
        return obstacle is null;
    }

    private static IEnumerable<string> Faults(Model model, string set, bool isExact)
    {
        var inputs = Load(set, "input", model.Graph.Inputs);
        var outputs = Load(set, "output", model.Graph.Outputs);
        return Faults("with values", model, inputs, outputs, isComplete: true, isExact).Concat(Faults("without values", model, inputs, outputs, isComplete: false, isExact: false));
    }

    private static List<string> Faults(string how, Model model, TensorData[] inputs, TensorData[] outputs, bool isComplete, bool isExact)
    {
        var symbols = Symbols(model, inputs);
        var faults = new List<string>();
        try
        {
            var facts = GraphFacts.Infer(model.Graph, isComplete ? Known(model, inputs) : null, trustDeclared: false);
            for (var i = 0; i < outputs.Length; i++)
                if (!(isExact ? IsExact(facts[model.Graph.Outputs[i]], outputs[i]) : facts[model.Graph.Outputs[i]].IsTrueOf(outputs[i], symbols)))
                    faults.Add($"{how}: output {i} was inferred as {facts[model.Graph.Outputs[i]]}, and is {Fact.Of(outputs[i])}");
        }
        catch (AnnealException e)
        {
            faults.Add($"{how}: {e.Message}");
        }
        return faults;
    }

    private static TensorData[] Load(string set, string kind, IReadOnlyList<Value> values) =>
        [.. values.Select((_, i) => Path.Combine(set, $"{kind}_{i}.pb")).TakeWhile(File.Exists).Select(path => TensorFile.Load(path))];

    /// <summary>The inputs of the case, and for those that it leaves out their defaults.</summary>
    private static Dictionary<string, Fact> Known(Model model, TensorData[] inputs) => model.Graph.Inputs
        .Select((value, i) => (value.Name, Tensor: i < inputs.Length ? inputs[i] : value.Initializer))
        .Where(input => input.Tensor is not null)
        .ToDictionary(input => input.Name, input => Fact.Of(input.Tensor!));

    /// <summary>The numbers that the symbols of the inputs' types stand for in this case.</summary>
    private static Dictionary<string, long> Symbols(Model model, TensorData[] inputs)
    {
        var symbols = new Dictionary<string, long>();
        foreach (var (value, tensor) in model.Graph.Inputs.Zip(inputs))
            if (value.Type is TensorType { Shape: { } shape })
                foreach (var (dim, extent) in shape.Zip(tensor.Dims.ToArray()))
                    if (dim.Symbol is { } symbol)
                        symbols[symbol] = extent;
        return symbols;
    }

    private static bool IsExact(Fact fact, TensorData real) =>
        fact.DType == real.DType && fact.Shape is { } shape && shape.Equals(real.Type.Shape) && fact.IsTrueOf(real, new Dictionary<string, long>());
}
