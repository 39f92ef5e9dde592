using System.Collections.Concurrent;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

/// <summary>ONNX's own conformance vectors as an oracle of inference: what was computed has the type and shape that was inferred.</summary>
public sealed class VectorInferenceTests(ITestOutputHelper output)
{
    // How many cases use only operators that the table has, in the version that it has. It only grows.
    private const int LeastRun = 775;

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
        Assert.Empty(outcomes.Where(o => o.Reason == "wrong").Select(o => o.Detail).Order(StringComparer.Ordinal));
        Assert.InRange(outcomes.Count(o => o.Reason == "right"), LeastRun, int.MaxValue);
    }

    private static IEnumerable<(string Reason, string Detail)> Try(string folder)
    {
        var model = OnnxFile.Load(Path.Combine(folder, "model.onnx"));
        if (Obstacle(model) is { } obstacle)
            return [(obstacle, folder)];
        var faults = Directory.GetDirectories(folder, "test_data_set_*").SelectMany(set => Faults(model, set)).ToArray();
        return faults.Length == 0 ? [("right", folder)] : faults.Select(fault => ("wrong", $"{Path.GetFileName(folder)}: {fault}"));
    }

    /// <summary>Why a case says nothing about the table; null when it does.</summary>
    private static string? Obstacle(Model model)
    {
        if (model.Graph.Inputs.Concat(model.Graph.Outputs).FirstOrDefault(v => v.Type is not TensorType) is { } other)
            return $"no tensor but {other.Type?.GetType().Name}";
        foreach (var node in model.AllGraphs().SelectMany(g => g.Nodes))
        {
            if (OpTable.Find(node.Domain, node.OpType) is not { } entry)
                return $"unknown operator {node.Domain}{(node.Domain.Length > 0 ? "." : "")}{node.OpType}";
            var version = model.OperatorSets[node.Domain] ?? 1;
            if (entry.Since.LastOrDefault(since => since <= version) != entry.Since[^1])
                return $"older {node.OpType}";
        }
        return null;
    }

    private static IEnumerable<string> Faults(Model model, string set)
    {
        var inputs = Load(set, "input", model.Graph.Inputs);
        var outputs = Load(set, "output", model.Graph.Outputs);
        return Faults("with values", model, inputs, outputs, isComplete: true).Concat(Faults("without values", model, inputs, outputs, isComplete: false));
    }

    private static List<string> Faults(string how, Model model, TensorData[] inputs, TensorData[] outputs, bool isComplete)
    {
        var symbols = Symbols(model, inputs);
        var faults = new List<string>();
        try
        {
            var facts = GraphFacts.Infer(model.Graph, isComplete ? Known(model, inputs) : null, trustDeclared: false);
            for (var i = 0; i < outputs.Length; i++)
                if (!(isComplete ? IsExact(facts[model.Graph.Outputs[i]], outputs[i]) : IsTrue(facts[model.Graph.Outputs[i]], outputs[i], symbols)))
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
        fact.DType == real.DType && fact.Shape is { } shape && shape.Equals(real.Type.Shape) && IsTrue(fact, real, []);

    /// <summary>Whether nothing that is known is wrong.</summary>
    private static bool IsTrue(Fact fact, TensorData real, Dictionary<string, long> symbols) =>
        (fact.DType == DType.Undefined || fact.DType == real.DType)
        && (fact.Shape is null || AreTrue(fact.Shape, real.Dims.ToArray(), symbols))
        && (fact.Elements is null || AreTrue(fact.Elements, real.ToInt64s(), symbols));

    private static bool AreTrue(IReadOnlyList<Dim> inferred, long[] real, Dictionary<string, long> symbols) =>
        inferred.Count == real.Length
        && inferred.Zip(real).All(pair => pair.First.IsUnknown
            || (pair.First.IsKnown ? pair.First.Value == pair.Second : symbols.GetValueOrDefault(pair.First.Symbol!, pair.Second) == pair.Second));
}
