using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
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
    public void Zero_points_may_belong_to_rows_of_the_left_and_columns_of_the_right_matrix()
    {
        byte[] a = [1, 200, 3, 255, 0, 17, 90, 41], aZero = [7, 130], b = [9, 250, 31, 4, 77, 128], bZero = [3, 200, 128];
        var found = Tensor.Apply(new MatMulInteger(), Tensor.From(a, [2, 2, 2]), Tensor.From(b, [2, 3]), Tensor.From(aZero), Tensor.From(bZero)).ToArray<int>();
        for (var i = 0; i < found.Length; i++)
        {
            var (row, column) = (i / 3, i % 3);
            var expected = Enumerable.Range(0, 2).Sum(k => (a[(row * 2) + k] - aZero[row % 2]) * (b[(k * 3) + column] - bZero[column]));
            Assert.Equal(expected, found[i]);
        }
    }

    [Fact]
    public void Zero_points_of_a_convolution_may_belong_to_output_channels()
    {
        var (x, w) = (Tensor.From([.. Enumerable.Range(0, 50).Select(i => (byte)(i * 41))], [1, 2, 5, 5]), Tensor.From([.. Enumerable.Range(0, 54).Select(i => (byte)(i * 67))], [3, 2, 3, 3]));
        var (op, xZero) = (new ConvInteger { Window = new() { Pads = [1, 1, 1, 1] } }, Tensor.Scalar((byte)99));
        byte[] zeros = [5, 140, 255];
        var found = Tensor.Apply(op, x, w, xZero, Tensor.From(zeros));
        for (var channel = 0; channel < zeros.Length; channel++)
            Assert.Equal(Tensor.Apply(op, x, w.Slice(0, channel, channel + 1), xZero, Tensor.Scalar(zeros[channel])).ToArray<int>(), found.Slice(1, channel, channel + 1).ToArray<int>());
    }

    [Fact]
    public void A_parameter_with_an_axis_gives_none_to_a_product_without()
    {
        var (bytes, scale, zero) = (Tensor.From((byte)3, (byte)5), Tensor.From(0.5f), Tensor.From((byte)1));
        var found = Tensor.Apply(new QLinearMatMul(), bytes, scale, zero, bytes, scale, zero, scale, zero);
        Assert.Equal((0, 11.0), (found.Rank, found.Item()));
    }

    [Fact]
    public void A_vector_is_quantised_along_its_only_axis_and_an_axis_that_is_not_there_is_refused()
    {
        var scales = Tensor.From(0.5f, 0.25f);
        Assert.Equal([2, 8], Tensor.Apply(new QuantizeLinear(), Tensor.From(1f, 2), scales).ToArray<byte>());
        Assert.Throws<ShapeMismatchException>(() => Tensor.Apply(new QuantizeLinear { Axis = 2, BlockSize = 1 }, Tensor.Ones([2, 2]), Tensor.Ones([2, 2])));
    }

    [Fact]
    public void Sums_beyond_32_bits_keep_their_low_bits()
    {
        const int terms = 40_000;
        var (a, b) = (Tensor.Full([1, terms], 255, DType.UInt8), Tensor.Full([terms, 1], 255, DType.UInt8));
        Assert.Equal(unchecked(terms * 255 * 255), Tensor.Apply(new MatMulInteger(), a, b).Item());
    }

    [Fact]
    public void Types_narrower_than_a_byte_are_refused_by_their_name()
    {
        foreach (var type in new[] { DType.Int4, DType.UInt4, DType.Int2, DType.UInt2, DType.Float4E2M1 })
            Assert.Contains($"{type} was asked for", Assert.Throws<ShapeMismatchException>(() => Tensor.Apply(new QuantizeLinear { OutputDtype = type }, Tensor.Ones([3]), Tensor.Scalar(1f))).Message, StringComparison.Ordinal);
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
