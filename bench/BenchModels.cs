using Anneal.Onnx;
using Anneal.Runtime.Tests;

namespace Anneal.Bench;

/// <summary>Models made for measuring.</summary>
internal static class BenchModels
{
    /// <summary>Two nodes on 8 numbers: what a run costs is what surrounds it.</summary>
    public static byte[] Affine() => new TinyModel().Input("x", DType.Float32, "N", 8).Output("y", DType.Float32, "N", 8)
        .Initializer("three", [3]).Initializer("one", [1]).Node("Mul", ["x", "three"], ["scaled"]).Node("Add", ["scaled", "one"], ["y"]).ToBytes();

    /// <summary>VGG-16 as torchvision lays it out, with made-up weights: 138,357,544 parameters, 553 MB.</summary>
    public static string SaveVgg16(string path)
    {
        var model = new TinyModel().Input("x", DType.Float32, "N", 3, 224, 224).Output("y", DType.Float32, "N", 1000);
        var (random, last, channels) = (new Random(16), "x", 3);
        int[][] blocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];
        for (var block = 0; block < blocks.Length; block++)
        {
            for (var i = 0; i < blocks[block].Length; i++)
            {
                var (name, outputs) = ($"conv{block}_{i}", blocks[block][i]);
                AddWeights(model, random, name, [outputs, channels, 3, 3]);
                model.Node("Conv", [last, $"{name}.w", $"{name}.b"], [name], name, attributes: [("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 })]);
                model.Node("Relu", [name], [$"{name}.relu"]);
                (last, channels) = ($"{name}.relu", outputs);
            }
            model.Node("MaxPool", [last], [$"pool{block}"], attributes: [("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })]);
            last = $"pool{block}";
        }
        model.Node("Flatten", [last], ["flat"]);
        AddLinear(model, random, "fc6", "flat", 25088, 4096);
        model.Node("Relu", ["fc6"], ["relu6"]);
        AddLinear(model, random, "fc7", "relu6", 4096, 4096);
        model.Node("Relu", ["fc7"], ["relu7"]);
        AddLinear(model, random, "y", "relu7", 4096, 1000);
        return model.Save(path);
    }

    private static void AddLinear(TinyModel model, Random random, string name, string input, int inputs, int outputs)
    {
        AddWeights(model, random, name, [outputs, inputs]);
        model.Node("Gemm", [input, $"{name}.w", $"{name}.b"], [name], name, attributes: [("transB", 1L)]);
    }

    private static void AddWeights(TinyModel model, Random random, string name, long[] shape)
    {
        var weights = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        foreach (ref var weight in weights.AsSpan())
            weight = (random.NextSingle() - 0.5f) / 50;
        model.Initializer($"{name}.w", weights, shape).Initializer($"{name}.b", new float[shape[0]], shape[0]);
    }
}
