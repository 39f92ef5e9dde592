using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;
using Anneal.Training.Ops;

namespace Anneal.Training.Optim;

/// <summary>What an element adds to a norm, and how what was added is joined: written once for the processor, which does it in double, and for GPUs.</summary>
/// <param name="order">2, any other order of at least 1, or infinity for the largest magnitude.</param>
internal readonly struct NormTerm<T>(double order) where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Power = 0;
    private const int Magnitude = 1;
    private const int Square = 2;
    private const int Largest = 3;

    private readonly T _order = T.CreateTruncating(order);
    private readonly int _kind = double.IsInfinity(order) ? Largest : order == 2 ? Square : order == 1 ? Magnitude : Power;

    public T Of(T x) => _kind == Square ? x * x : _kind == Power ? RealFunctions.Pow(T.Abs(x), _order) : T.Abs(x);

    /// <summary>A NaN on either side wins.</summary>
    public T Join(T a, T b) => _kind == Largest ? T.Max(a, b) : a + b;
}

/// <summary>The norm of gradients, over chunks of a fixed size whose sums are joined in order, in double.</summary>
internal static class GradientNorm
{
    public static double Of(IReadOnlyList<Parameter> parameters, double order)
    {
        var (term, total) = (new NormTerm<double>(order), 0.0);
        foreach (var onOneDevice in parameters.Select(parameter => parameter.Grad!).GroupBy(dw => dw.Compute))
            foreach (var part in Partial([.. onOneDevice], order))
                total = term.Join(total, part);
        return double.IsInfinity(order) ? total : order == 2 ? Math.Sqrt(total) : Math.Pow(total, 1 / order);
    }

    private static IEnumerable<double> Partial(Tensor[] gradients, double order) => gradients[0].Compute is GpuDevice gpu
        ? GpuNorm.Partial(gpu, gradients, order)
        : gradients.SelectMany(dw => Partial(dw, order));

    private static double[] Partial(Tensor dw, double order)
    {
        var partial = new double[ElementLoops.Chunks(dw.Count)];
        var work = new Work(dw, new(order), partial);
        Workers.Run(partial.Length, ref work);
        return partial;
    }

    private readonly struct Work(Tensor dw, NormTerm<double> term, double[] partial) : IWork
    {
        public void Run(int part)
        {
            var start = part * ElementLoops.Chunk;
            var length = Math.Min(ElementLoops.Chunk, dw.Count - start);
            partial[part] = dw.DType == DType.Float32 ? Of(dw.AsSpan<float>().Slice(start, length)) : Of(dw.AsSpan<double>().Slice(start, length));
        }

        private double Of<T>(ReadOnlySpan<T> elements) where T : unmanaged, INumberBase<T>
        {
            var total = 0.0;
            foreach (var element in elements)
                total = term.Join(total, term.Of(double.CreateTruncating(element)));
            return total;
        }
    }
}
