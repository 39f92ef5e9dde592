using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Anneal.Zoo;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Cli.Tests;

/// <summary>Real networks on real pictures through the command line, against what Python's programs answer.</summary>
public sealed class RealModelTests
{
    [Fact]
    public async Task SqueezeNet_names_at_least_38_of_the_40_labelled_photos()
    {
        var labels = File.ReadLines(TestData.Require("images", "labelled.csv")).Skip(1)
            .Select(line => line.Split(',')).ToDictionary(cells => cells[2], cells => int.Parse(cells[0], CultureInfo.InvariantCulture));
        var run = await ClassifyAsync("squeezenet1.1-fp32-rebuilt.onnx", "squeezenet1.1", TestData.Require("images", "labelled"));
        var right = run.Count(answer => labels[Path.GetFileName(answer.File)] == answer.Best);
        Assert.Equal(40, run.Count);
        Assert.True(right >= 38, $"Only {right} of 40 are right.");
    }

    [Fact]
    public async Task ResNet20_names_at_least_818_of_1000_pictures()
    {
        string[] classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
        var run = await ClassifyAsync("resnet20-cifar10.onnx", "cifar10", TestData.Require("datasets", "cifar10-subset", "test"));
        var right = run.Count(answer => Path.GetFileName(Path.GetDirectoryName(answer.File)) == classes[answer.Best]);
        Assert.Equal(1000, run.Count);
        Assert.True(right >= 818, $"Only {right} of 1,000 are right.");
    }

    [Fact]
    public async Task The_mnist_net_reads_at_least_9880_of_10000_digits()
    {
        var labels = Zoo.Images.Idx.Read(TestData.Require("datasets", "mnist", "t10k-labels-idx1-ubyte.gz")).Labels.ToArray();
        var run = await ClassifyAsync("mnist-wonnx-opt.onnx", "mnist", TestData.Require("datasets", "mnist", "t10k-images-idx3-ubyte.gz"));
        var right = run.Where((answer, index) => labels[index] == answer.Best).Count();
        Assert.Equal(10_000, run.Count);
        Assert.True(right >= 9880, $"Only {right} of 10,000 are right.");
    }

    public static TheoryData<string> PillowCrops => TestData.IsPresent
        ? [.. Directory.EnumerateFiles(TestData.Require("pillow"), "*.rgb.gz").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
        : ["absent"];

    [Theory, MemberData(nameof(PillowCrops))]
    public void Logits_are_those_that_ONNX_Runtime_gives_on_Pillows_pixels(string crop)
    {
        var pixels = Unzip(TestData.Require("pillow", crop));
        var photo = TestData.Require("images", "labelled", crop.Replace(".crop224.rgb.gz", ".JPEG", StringComparison.Ordinal));
        var model = TestData.Require("models", "squeezenet1.1-fp32-rebuilt.onnx");
        using var session = new InferenceSession(model);

        var expected = Run(session, Normalise(pixels));
        var ours = new float[3 * 224 * 224];
        new Preprocessor(ModelCatalog.Default.Get("squeezenet1.1").Preprocessing).Read(photo, ours);
        var actual = Run(session, ours);

        Assert.Equal(1000, expected.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(actual[i] - expected[i]) <= 1e-4f * MathF.Max(1e-3f, MathF.Abs(expected[i])), $"Class {i}: {actual[i]}, Pillow {expected[i]}.");
    }

    /// <summary>One run of the program in a process of its own; every answer must be one.</summary>
    private static async Task<List<(string File, int Best)>> ClassifyAsync(string model, string card, string input)
    {
        var run = await AnnealRun.ChildAsync(["classify", input, "--model", TestData.Require("models", model), "--card", card, "--json", "--top", "1", "--device", "cpu"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return [.. run.Lines.Select(line =>
        {
            using var answer = JsonDocument.Parse(line);
            return (answer.RootElement.GetProperty("file").GetString()!, answer.RootElement.GetProperty("predictions")[0].GetProperty("index").GetInt32());
        })];
    }

    private static byte[] Unzip(string path)
    {
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The formula of torchvision, in double precision: (byte / 255 - mean) / std, plane by plane.</summary>
    private static float[] Normalise(byte[] rgb)
    {
        double[] mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225];
        var tensor = new float[rgb.Length];
        for (var i = 0; i < rgb.Length; i++)
            tensor[i % 3 * (224 * 224) + i / 3] = (float)((rgb[i] / 255.0 - mean[i % 3]) / std[i % 3]);
        return tensor;
    }

    private static float[] Run(InferenceSession session, float[] picture)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(picture, [1, 3, 224, 224]);
        using var outputs = session.Run(new RunOptions(), ["data"], [input], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
