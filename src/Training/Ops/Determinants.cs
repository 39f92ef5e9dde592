using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Determinants of matrices [*,M,M].</summary>
internal static class Determinants
{
    public static IEnumerable<Kernel> Kernels => [new DetKernel(), new CofactorsKernel()];
}

internal sealed class DetKernel() : Kernel<Det>("Det")
{
    protected override void Compute(Det op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        switch (x[0]!.DType)
        {
            case DType.Float32: Run<float>(x[0]!, y[0]); break;
            case DType.Double: Run<double>(x[0]!, y[0]); break;
            default: throw Unsupported(x[0]!, "float32 and double");
        }
    }

    protected override void Compute(GpuDevice gpu, Det op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        switch (x[0]!.DType)
        {
            case DType.Float32: Run<float>(gpu, x[0]!, y[0]); break;
            case DType.Double: Run<double>(gpu, x[0]!, y[0]); break;
            default: throw Unsupported(gpu, x[0]!, "float32 and double");
        }
    }

    // Jacobi's formula: the slope of a determinant is the matrix of cofactors.
    protected override void Backward(Det op, GradientCall call) =>
        call.Give(0, Tensor.Apply(new Cofactors(), call.X(0)) * call.Dy(0).Unsqueeze(-1, -2));

    private static void Run<T>(GpuDevice gpu, Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        var matrices = Tensor.Empty(gpu, x.DType, x.Shape);
        gpu.Copy(x.Memory, matrices.Memory, x.DType.ByteLength(x.Count));
        gpu.ForEach(y.Count, new DeterminantWork<T>(GpuDevice.View<T>(matrices), GpuDevice.View<T>(y), x.Shape[^1], 0));
    }

    private static void Run<T>(Tensor x, Tensor y) where T : unmanaged, IFloatingPoint<T>
    {
        var m = x.Shape[^1];
        var to = y.Writable<T>();
        for (var i = 0; i < to.Length; i++)
            to[i] = Elimination.Determinant(x.AsSpan<T>().Slice(i * m * m, m * m).ToArray(), m);
    }
}

/// <summary>The cofactors of matrices [*,M,M]: the signed determinants of what is left without a row and a column.</summary>
internal sealed record Cofactors : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), facts.Shape(0));
}

internal sealed class CofactorsKernel() : Kernel<Cofactors>("Cofactors", TrainingDomain.Name)
{
    protected override void Compute(Cofactors op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (y[0].DType == DType.Float32)
            Run<float>(x[0]!, y[0]);
        else
            Run<double>(x[0]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, Cofactors op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (y[0].DType == DType.Float32)
            Run<float>(gpu, x[0]!, y[0]);
        else
            Run<double>(gpu, x[0]!, y[0]);
    }

    private static void Run<T>(GpuDevice gpu, Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        var m = x.Shape[^1];
        var minors = Tensor.Empty(gpu, x.DType, [x.Count, m - 1, m - 1]);
        gpu.ForEach(minors.Count, new MinorsWork<T>(GpuDevice.View<T>(x), GpuDevice.View<T>(minors), m));
        gpu.ForEach(y.Count, new DeterminantWork<T>(GpuDevice.View<T>(minors), GpuDevice.View<T>(y), m - 1, m));
    }

    /// <summary>Minor by minor, and not by an inverse, which a matrix with the determinant 0 has not.</summary>
    private static void Run<T>(Tensor x, Tensor y) where T : unmanaged, IFloatingPoint<T>
    {
        var m = x.Shape[^1];
        var from = x.AsSpan<T>();
        var to = y.Writable<T>();
        var minor = new T[(m - 1) * (m - 1)];
        for (var i = 0; i < to.Length; i++)
        {
            var (row, column) = (i / m % m, i % m);
            var (start, at) = (i / (m * m) * m * m, 0);
            for (var other = 0; other < m * m; other++)
                if (other / m != row && other % m != column)
                    minor[at++] = from[start + other];
            var value = Elimination.Determinant(minor.AsSpan().ToArray(), m - 1);
            to[i] = (row + column) % 2 == 0 ? value : -value;
        }
    }
}
