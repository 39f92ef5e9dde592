using System.Numerics.Tensors;
using Anneal.Onnx.Passes;
using Anneal.Tests.Networks;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>
/// One model before and after passes, run in ONNX Runtime on fixed random numbers. Its own optimisations are off, so that they neither hide nor
/// add a difference; what feeds a Softmax at the end counts as an output too, because a saturated Softmax hides what went wrong before it.
/// </summary>
internal sealed class PassNumbers
{
    private readonly Model _upgraded;
    private readonly List<OutputNumbers> _expected;

    private PassNumbers(Model original, Action<Model> upgrade)
    {
        _expected = Compute(original);
        _upgraded = original;
        upgrade(_upgraded);
    }

    /// <summary>A light model with seeded weights, or a real model as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="upgrade">What every model goes through before any pass; its own numbers are compared like those of a pass.</param>
    public static PassNumbers Load(string path, Action<Model> upgrade)
    {
        var model = OnnxFile.Load(path);
        if (Path.GetFileName(path).StartsWith("light_", StringComparison.Ordinal))
            LightWeights.Fill(model, seed: 1);
        foreach (var output in model.Graph.Outputs.ToArray())
            if (output.Producer is { OpType: "Softmax" } softmax)
                model.Graph.AddOutput(softmax.Inputs[0]!);
        foreach (var output in model.Graph.Outputs)
            output.Type ??= new TensorType(DType.Float32);
        return new(model, upgrade);
    }

    /// <summary>The largest difference that passes make, relative to the largest number of that output; null when they change nothing.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">Names or shapes of outputs have changed, or numbers are not finite.</exception>
    public double? Difference(params IEnumerable<IPass> passes)
    {
        var model = _upgraded.Copy();
        if (!passes.Aggregate(false, (changed, pass) => pass.Run(model) | changed))
            return null;
        return Difference(Compute(model));
    }

    /// <summary>The largest difference that the upgrade makes.</summary>
    public double UpgradeDifference() => Difference(Compute(_upgraded));

    /// <summary>The largest difference that an optimizer of these passes makes, and how many nodes are left.</summary>
    public (double Difference, int NodesBefore, int NodesAfter) OptimizedDifference(IEnumerable<IPass> passes)
    {
        var model = _upgraded.Copy();
        new Optimizer(passes).Run(model);
        return (Difference(Compute(model)), _upgraded.Graph.Nodes.Count, model.Graph.Nodes.Count);
    }

    private double Difference(List<OutputNumbers> found)
    {
        Assert.Equal(_expected.Select(output => output.Title), found.Select(output => output.Title));
        return _expected.Zip(found, (a, b) => a.Difference(b)).Max();
    }

    private static List<OutputNumbers> Compute(Model model)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        using var session = new InferenceSession(OnnxFile.ToBytes(model), options);
        using var run = new RunOptions();
        var names = model.Graph.RequiredInputs.Select(input => input.Name).ToArray();
        var values = names.Select((name, i) => Random(i, Array.ConvertAll(session.InputMetadata[name].Dimensions, extent => extent < 0 ? 1L : extent))).ToArray();
        using var outputs = session.Run(run, names, values, session.OutputNames);
        var numbers = session.OutputNames.Zip(outputs, (name, value) => new OutputNumbers(name, value.GetTensorTypeAndShape().Shape, value.GetTensorDataAsSpan<float>().ToArray())).ToList();
        foreach (var value in values)
            value.Dispose();
        return numbers;
    }

    private static OrtValue Random(int seed, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(LightWeights.Numbers(seed + 100, shape.Aggregate(1L, (a, b) => a * b)), shape);

    private sealed record OutputNumbers(string Name, long[] Shape, float[] Numbers)
    {
        public string Title => $"{Name} [{string.Join(',', Shape)}]";

        public double Difference(OutputNumbers other)
        {
            var largest = TensorPrimitives.MaxMagnitude<float>(Numbers);
            Assert.True(float.IsFinite(MathF.Abs(largest)) && largest != 0, $"{Title}: the largest number is {largest}.");
            return TensorPrimitives.Distance(Numbers, other.Numbers) is 0 ? 0 : Numbers.Zip(other.Numbers, (a, b) => Math.Abs((double)a - b)).Max() / Math.Abs(largest);
        }
    }
}
