using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Onnx.Passes;
using Anneal.Training.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Training.Tests;

/// <summary>Quantised operators to the bit, and a real quantised model.</summary>
public sealed class QuantisedTests(ITestOutputHelper output)
{
    public static TheoryData<string> Rows => [.. OpCases.Quantised().Select(row => row.Name)];

    [Theory, MemberData(nameof(Rows))]
    public void The_values_are_those_of_ONNX_Runtime_to_the_bit(string name)
    {
        var row = OpCases.Quantised().Single(row => row.Name == name);
        using var scope = Grad.Off();
        var inputs = row.Make(twice: false);
        var expected = OneOpModel.Run(row, inputs);
        var found = Tensor.ApplyAll(row.Op, row.Outputs, inputs);
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(expected[i].Bytes.ToArray(), found[i].ToTensorData().Bytes.ToArray());
    }

    [Fact]
    public void A_real_quantised_model_computes_what_ONNX_Runtime_computes()
    {
        var path = TestData.Require("models", "mobilenetv2-int8-goku.onnx");
        var runner = new GraphRunner(UpgradeOpset.Upgraded(OnnxFile.Load(path)).Graph);
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // Without it ONNX Runtime saturates sums of two products on processors that lack VNNI.
        options.AddSessionConfigEntry("session.x64quantprecision", "1");
        using var session = new InferenceSession(path, options);
        for (var picture = 0; picture < 2; picture++)
        {
            using var scope = Grad.Off();
            var x = Picture(new Draws(17).At(picture));
            var expected = Run(session, x);
            var watch = Stopwatch.StartNew();
            var found = runner.Run(x)[0].ToArray<float>();
            var error = expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);
            output.WriteLine($"picture {picture}: {error:g3} of the largest magnitude, {watch.Elapsed.TotalSeconds:f2} s");
            Assert.InRange(error, 0, 1e-4);
        }
    }

    [Fact]
    public void A_real_quantised_model_refuses_to_be_trained_and_names_the_node()
    {
        var runner = new GraphRunner(UpgradeOpset.Upgraded(OnnxFile.Load(TestData.Require("models", "mobilenetv2-int8-goku.onnx"))).Graph);
        var x = Tensor.Zeros([1, 3, 224, 224]);
        x.RequiresGrad = true;
        var error = Assert.Throws<AnnealException>(() => runner.Run(x));
        Assert.Contains("DynamicQuantizeLinear cannot be trained: rounding has no slope", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Three colour planes of slow waves and a little noise, as a photo has after it was normalised.</summary>
    private static Tensor Picture(Draws draws)
    {
        const int side = 224;
        var pixels = new float[3 * side * side];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (plane, y, x) = (i / (side * side), i / side % side, i % side);
            var wave = Math.Sin((x * draws.Uniform(0.01, 0.2, plane)) + (y * draws.Uniform(0.01, 0.2, 3 + plane)) + plane);
            pixels[i] = (float)((1.4 * wave) + (0.3 * draws.Normal(100 + i)));
        }
        return Tensor.From(pixels, [1, 3, side, side]);
    }

    private static float[] Run(InferenceSession session, Tensor x)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(x.ToArray<float>(), [.. x.Shape.Select(extent => (long)extent)]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [session.InputNames[0]], [value], [session.OutputNames[0]]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
