using System.Numerics;
using Anneal.Onnx;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>Where the matrices of a factor lie: the steps from one to the next, from row to row, and from column to column.</summary>
internal readonly record struct MatrixSteps(int Batch, int Row, int Column);

/// <summary>Products of matrices on a GPU.</summary>
internal static class GpuProducts
{
    /// <summary>y [batches,M,N] = a [M,K] · b [K,N] in float32, double, int64 or int32; false for another type.</summary>
    public static bool TryRun(GpuDevice gpu, Tensor a, MatrixSteps stepsA, Tensor b, MatrixSteps stepsB, Tensor y, int batches, int k)
    {
        switch (y.DType)
        {
            case DType.Float32: Run<float>(gpu, a, stepsA, b, stepsB, y, batches, k); return true;
            case DType.Double: Run<double>(gpu, a, stepsA, b, stepsB, y, batches, k); return true;
            case DType.Int64: Run<long>(gpu, a, stepsA, b, stepsB, y, batches, k); return true;
            case DType.Int32: Run<int>(gpu, a, stepsA, b, stepsB, y, batches, k); return true;
            default: return false;
        }
    }

    /// <summary>Makes a product, in parts that are summed up when it is split.</summary>
    public static void Run<T, TLeft, TRight>(GpuDevice gpu, ProductShape shape, TLeft left, TRight right, Tensor y)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TLeft : struct, IFactor<T>
        where TRight : struct, IFactor<T>
    {
        if (y.Count == 0)
            return;
        var to = shape.Splits == 1 ? y : Tensor.Empty(gpu, y.DType, [shape.Batches, shape.Splits, shape.M, shape.N]);
        gpu.Run(TiledProduct<T, TLeft, TRight, Matrices<T>>.Grid(shape),
            new TiledProduct<T, TLeft, TRight, Matrices<T>>(shape, left, right, new(GpuDevice.View<T>(to), shape.M, shape.N)));
        if (shape.Splits > 1)
            GpuReduce.Columns<T, Ops.SumOf>(gpu, to, y, shape.Batches, shape.Splits, shape.M * shape.N);
    }

    private static void Run<T>(GpuDevice gpu, Tensor a, MatrixSteps stepsA, Tensor b, MatrixSteps stepsB, Tensor y, int batches, int k) where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        var shape = new ProductShape(batches, y.Shape[^2], y.Shape[^1], k, maySplit: true);
        var (left, right) = (GpuDevice.View<T>(a), GpuDevice.View<T>(b));
        if (stepsA.Column == 1)
            Run(gpu, shape, new AlongDepth<T>(left, stepsA.Batch, stepsA.Row, stepsA.Column), right, stepsB, y);
        else
            Run(gpu, shape, new AcrossDepth<T>(left, stepsA.Batch, stepsA.Row, stepsA.Column), right, stepsB, y);
    }

    private static void Run<T, TLeft>(GpuDevice gpu, ProductShape shape, TLeft left, ArrayView<T> right, MatrixSteps steps, Tensor y)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TLeft : struct, IFactor<T>
    {
        if (steps.Column == 1)
            Run<T, TLeft, AcrossDepth<T>>(gpu, shape, left, new(right, steps.Batch, steps.Column, steps.Row), y);
        else
            Run<T, TLeft, AlongDepth<T>>(gpu, shape, left, new(right, steps.Batch, steps.Column, steps.Row), y);
    }
}
