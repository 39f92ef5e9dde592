using Anneal.Onnx.Ops;
using Anneal.Training;

namespace Anneal.Bench.Gpu;

/// <summary>Products, convolutions with and without gradients, and elementwise operators.</summary>
internal static class KernelSpeed
{
    private static readonly (int N, int C, int Extent, int M, int Kernel, int Groups)[] Convolutions =
        [(32, 64, 56, 64, 3, 1), (32, 128, 28, 128, 3, 1), (32, 256, 14, 256, 3, 1), (32, 256, 56, 64, 1, 1), (32, 128, 28, 128, 3, 128)];

    public static void Run(Clock clock, bool isSmall)
    {
        var random = new Random(1);
        foreach (var size in isSmall ? [256] : new[] { 1024, 2048, 4096 })
            MeasureProduct(clock, random, size);
        foreach (var shape in isSmall ? [(2, 32, 14, 32, 3, 1)] : Convolutions)
            MeasureConvolution(clock, random, shape);
        var x = Draw(clock, random, [isSmall ? 1 << 16 : 1 << 26]);
        clock.Measure("add", x.Count, () => x + x);
        clock.Measure("relu", x.Count, x.Relu);
        clock.Measure("sum", x.Count, () => x.Sum());
    }

    private static void MeasureProduct(Clock clock, Random random, int size)
    {
        var (a, b) = (Draw(clock, random, [size, size]), Draw(clock, random, [size, size]));
        clock.Measure($"matmul {size}", 2.0 * size * size * size, () => a.MatMul(b));
    }

    private static void MeasureConvolution(Clock clock, Random random, (int N, int C, int Extent, int M, int Kernel, int Groups) shape)
    {
        var (n, c, extent, m, kernel, groups) = shape;
        var pad = kernel / 2;
        var conv = new Conv { Group = groups, Window = new() { Pads = [pad, pad, pad, pad] } };
        var (x, w) = (Draw(clock, random, [n, c, extent, extent]), Draw(clock, random, [m, c / groups, kernel, kernel]));
        var name = $"{n}x{c}x{extent}x{extent} to {m} by {kernel}x{kernel} in {groups}";
        var work = 2.0 * n * extent * extent * m * (c / groups) * kernel * kernel;
        clock.Measure($"conv {name}", work, () => Tensor.Apply(conv, x, w));
        (x.RequiresGrad, w.RequiresGrad) = (true, true);
        var dy = Draw(clock, random, [n, m, extent, extent]);
        clock.Measure($"conv with gradients {name}", 3 * work, () =>
        {
            Tensor.Apply(conv, x, w).Backward(dy);
            x.ZeroGrad();
            w.ZeroGrad();
            return dy;
        });
    }

    private static Tensor Draw(Clock clock, Random random, TensorShape shape)
    {
        var elements = new float[shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (float)((random.NextDouble() * 2) - 1);
        return Tensor.From(elements, shape, clock.Device).Keep();
    }
}
