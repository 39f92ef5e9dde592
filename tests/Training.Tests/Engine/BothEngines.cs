using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Training.Tests.Engine;

/// <summary>One model in ONNX Runtime and in this engine, on the same inputs, one session after the other.</summary>
internal static class BothEngines
{
    /// <summary>The most that outputs may differ, relative to the largest number in them.</summary>
    public const double Tolerance = 1e-4;

    public static readonly EngineOptions OnCpu = new() { Device = Device.Cpu, Spinning = false };

    /// <summary>The largest difference of an output, relative to the largest magnitude in it.</summary>
    public static double Difference(ModelSource model, params NamedTensor[] inputs)
    {
        var expected = Run(new OrtEngine(), model, inputs);
        var found = Run(new AnnealEngine(), model, inputs);
        Assert.Equal(expected.Select(tensor => $"{tensor}"), found.Select(tensor => $"{tensor}"));
        return expected.Zip(found, Relative).Max();
    }

    /// <summary>The largest difference of an element, relative to the largest magnitude expected, which must be a number and not 0.</summary>
    public static double Relative(NamedTensor expected, NamedTensor found)
    {
        var a = expected.As<float>().Span;
        var b = found.As<float>().Span;
        var (worst, scale) = (0f, 0f);
        for (var i = 0; i < a.Length; i++)
        {
            Assert.True(float.IsFinite(a[i]) && float.IsFinite(b[i]), $"{expected.Name}: element {i} is {b[i]} and should be {a[i]}.");
            worst = Math.Max(worst, Math.Abs(a[i] - b[i]));
            scale = Math.Max(scale, Math.Abs(a[i]));
        }
        Assert.True(scale > 0, $"All of {expected} is 0.");
        return worst / scale;
    }

    private static IReadOnlyList<NamedTensor> Run(IEngine engine, ModelSource model, NamedTensor[] inputs)
    {
        using var session = engine.Open(model, OnCpu);
        return session.Run(inputs, TestContext.Current.CancellationToken);
    }
}
