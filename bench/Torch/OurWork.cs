using System.Diagnostics;
using Anneal.Onnx.Ops;
using Anneal.Training;

namespace Anneal.Bench.Torch;

/// <summary>Our side of the comparison, measured as the peer measures its own: the median of some runs after two to warm up.</summary>
internal static class OurWork
{
    /// <summary>Milliseconds for [M,K] · [K,N].</summary>
    public static double Gemm(int m, int n, int k, int iterations)
    {
        var random = new Random(1);
        var (a, b) = (Draw(random, [m, k]), Draw(random, [k, n]));
        return Median(iterations, () =>
        {
            using var off = Grad.Off();
            a.MatMul(b);
        });
    }

    /// <summary>Milliseconds for a convolution and for both its gradients.</summary>
    public static (double Forward, double Backward) Conv(ConvShape shape, int iterations)
    {
        var random = new Random(1);
        var (x, w) = (Draw(random, shape.X), Draw(random, shape.Filters));
        var op = new Conv { Window = new() { Strides = [shape.Stride, shape.Stride], Pads = [shape.Pad, shape.Pad, shape.Pad, shape.Pad] } };
        Tensor dy;
        using (Grad.Off())
            dy = Draw(random, Tensor.Apply(op, x, w).Shape).Keep();
        var forward = Median(iterations, () =>
        {
            using var off = Grad.Off();
            Tensor.Apply(op, x, w);
        });
        (x.RequiresGrad, w.RequiresGrad) = (true, true);
        var both = Median(iterations, () =>
        {
            using var step = TensorScope.Begin();
            Tensor.Apply(op, x, w).Backward(dy);
            x.ZeroGrad();
            w.ZeroGrad();
        });
        return (forward, both - forward);
    }

    /// <summary>The median of some runs, after two that are not counted.</summary>
    public static double Median(int iterations, Action run)
    {
        var times = new double[iterations];
        for (var i = -2; i < iterations; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[iterations / 2];
    }

    private static Tensor Draw(Random random, TensorShape shape)
    {
        var elements = new float[shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (random.NextSingle() * 2) - 1;
        return Tensor.From(elements, shape);
    }
}

/// <summary>A convolution: N images of C channels, M filters of K × K.</summary>
internal readonly record struct ConvShape(int N, int C, int H, int W, int M, int K, int Stride, int Pad)
{
    public TensorShape X => [N, C, H, W];

    public TensorShape Filters => [M, C, K, K];
}
