using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Tests.Networks;
using Anneal.Training.Data;
using Anneal.Training.Tuning;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Tuning;

/// <summary>Small noisy pictures with lines across, lines down, or no lines, and a small network that tells five other things apart.</summary>
internal static class Stripes
{
    public const int Side = 16;

    public static IReadOnlyList<string> ClassNames { get; } = ["across", "down", "plain"];

    public static TuningData Data { get; } = new(Pictures(96, "train"), Pictures(48, "judge"));

    public static ModelCard Card { get; } = new()
    {
        Name = "small",
        Summary = "A small network.",
        OutputKind = OutputKind.Logits,
        Input = new("x", [-1, 3, Side, Side]),
        Preprocessing = new() { Color = ColorOrder.Rgb, Orientation = OrientationPolicy.Ignore, Divide = 255, Mean = [0.5f, 0.5f, 0.5f], Std = [0.25f, 0.25f, 0.25f], Layout = TensorLayout.Nchw },
    };

    public static PretrainedModel Pretrained { get; } = new(Network(), Card);

    public static IDataset<PictureSample> Pictures(int count, string use) => Dataset.Generate(
        count, index => new PictureSample(Draw(new Draws(5).For(use).At(index), index % 3), index % 3, $"{use} {index}"), index => index % 3, ClassNames);

    /// <summary>The files of a folder of classes.</summary>
    public static string Write(string folder, int perClass, string use)
    {
        for (var i = 0; i < perClass * 3; i++)
        {
            var path = Path.Combine(folder, ClassNames[i % 3], $"{i:000}.bmp");
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, ColourBmp.Of(Side, Side, Pixels(new Draws(5).For(use).At(i), i % 3)));
        }
        return folder;
    }

    public static Model Network()
    {
        var (weights, builder) = (new SeededWeights(seed: 9), new GraphBuilder("small"));
        var x = builder.Input("x", DType.Float32, new("N", 3, Side, Side));
        var y = Conv(builder, weights, "conv1", x, [8, 3, 3, 3]);
        y = builder.Apply(new BatchNormalization(), y,
            builder.Weight("bn.scale", weights.Uniform("bn.scale", 0.8f, 1.2f, 8)), builder.Weight("bn.bias", weights.Uniform("bn.bias", -0.1f, 0.1f, 8)),
            builder.Weight("bn.mean", weights.Uniform("bn.mean", -0.1f, 0.1f, 8)), builder.Weight("bn.var", weights.Uniform("bn.var", 0.5f, 1.5f, 8)));
        y = builder.Elementwise("Relu", y);
        y = builder.Elementwise("Relu", Conv(builder, weights, "conv2", y, [16, 8, 3, 3]));
        y = builder.Apply(new GlobalAveragePool(), y);
        y = builder.Apply(new Flatten { Axis = 1 }, y);
        y = builder.Apply(new Dropout(), y, builder.Constant(TensorData.Scalar("ratio", 0.1f)));
        y = builder.Apply(new Gemm { TransB = true }, y, builder.Weight("fc.weight", weights.Weights("fc.weight", [5, 16])), builder.Weight("fc.bias", weights.Uniform("fc.bias", -0.1f, 0.1f, 5)));
        builder.Output("scores", y);
        return builder.Build();
    }

    private static Value Conv(GraphBuilder builder, SeededWeights weights, string name, Value x, long[] shape) => builder.Apply(
        new Conv { Window = new() { Pads = [1, 1, 1, 1], Strides = [2, 2] } }, x,
        builder.Weight($"{name}.weight", weights.Weights($"{name}.weight", shape)), builder.Weight($"{name}.bias", weights.Uniform($"{name}.bias", -0.1f, 0.1f, shape[0])));

    private static Picture Draw(Draws draws, int label) => Picture.FromPixels(Side, Side, Pixels(draws, label));

    private static byte[] Pixels(Draws draws, int label)
    {
        var (pixels, phase) = (new byte[3 * Side * Side], draws.Below(4, -1));
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i / 3 % Side, i / 3 / Side);
            var isLine = label switch { 0 => (y + phase) % 4 < 2, 1 => (x + phase) % 4 < 2, _ => false };
            pixels[i] = (byte)((isLine ? 150 : 70) + draws.Below(60, i));
        }
        return pixels;
    }
}
