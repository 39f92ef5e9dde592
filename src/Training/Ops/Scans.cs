using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Operators that walk along an axis: running sums and products, and sequences turned round.</summary>
internal static class Scans
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new RunningKernel<CumSum, SumOf>("CumSum", (op, call, axis) => Tensor.Apply(op with { Reverse = !op.Reverse }, call.Dy(0), axis)),
        new RunningKernel<CumProd, ProductOf>("CumProd", (op, call, axis) =>
            Tensor.Apply(new CumProdGradient(op.Exclusive, op.Reverse), call.X(0), call.Dy(0), axis)),
        new CumProdGradientKernel(),
        new Composite<ReverseSequence>("ReverseSequence", ReverseSequence) { IsChecked = true, Steering = [1] },
    ];

    public static int AxisOf(Tensor axis, int rank) => Axes.Count(axis.ToInt64s()[0], rank);

    /// <summary>The first steps of each sequence in reverse, as many as it is long.</summary>
    private static Tensor ReverseSequence(ReverseSequence op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, lengths) = (inputs[0]!, inputs[1]!.ToInt64s());
        var (first, second) = (x.Shape[0], x.Shape[1]);
        var rows = new long[first * second];
        for (var row = 0; row < rows.Length; row++)
        {
            var (sequence, step) = op.BatchAxis == 0 ? (row / second, row % second) : (row % second, row / second);
            var length = lengths[sequence];
            if (length < 0 || length > x.Shape[(int)op.TimeAxis])
                throw new AnnealException($"ReverseSequence: sequence {sequence} has a length of {length} and {x.Shape[(int)op.TimeAxis]} steps.");
            var from = step < length ? length - 1 - step : step;
            rows[row] = op.BatchAxis == 0 ? ((long)sequence * second) + from : (from * second) + sequence;
        }
        return x.Reshape(rows.Length, x.Shape.Product(2, x.Rank)).Gather(0, rows).Reshape(x.Shape.Extents);
    }
}

/// <summary>A running sum or product; the axis is the second input.</summary>
internal sealed class RunningKernel<TOp, TJoin>(string name, Func<TOp, GradientCall, Tensor, Tensor> gradient) : Kernel<TOp>(name)
    where TOp : Running
    where TJoin : struct, IJoin
{
    public override bool IsReadByHost(int input) => input == 1;

    protected override void Compute(TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Scans.AxisOf(x[1]!, x[0]!.Rank);
        switch (x[0]!.DType)
        {
            case DType.Float32: RunningLoops.Run<float, TJoin>(x[0]!, axis, op.Exclusive, op.Reverse, y[0]); break;
            case DType.Double: RunningLoops.Run<double, TJoin>(x[0]!, axis, op.Exclusive, op.Reverse, y[0]); break;
            case DType.Int64: RunningLoops.Run<long, TJoin>(x[0]!, axis, op.Exclusive, op.Reverse, y[0]); break;
            case DType.Int32: RunningLoops.Run<int, TJoin>(x[0]!, axis, op.Exclusive, op.Reverse, y[0]); break;
            case DType.UInt64: RunningLoops.Run<ulong, TJoin>(x[0]!, axis, op.Exclusive, op.Reverse, y[0]); break;
            case DType.UInt32: RunningLoops.Run<uint, TJoin>(x[0]!, axis, op.Exclusive, op.Reverse, y[0]); break;
            default: throw Unsupported(x[0]!, "float32, double, and integers of 32 and 64 bits");
        }
    }

    protected override void Compute(GpuDevice gpu, TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Scans.AxisOf(x[1]!, x[0]!.Rank);
        switch (x[0]!.DType)
        {
            case DType.Float32: Run<float>(gpu, op, x[0]!, axis, y[0]); break;
            case DType.Double: Run<double>(gpu, op, x[0]!, axis, y[0]); break;
            case DType.Int64: Run<long>(gpu, op, x[0]!, axis, y[0]); break;
            case DType.Int32: Run<int>(gpu, op, x[0]!, axis, y[0]); break;
            default: throw Unsupported(gpu, x[0]!, "float32, double, int32 and int64");
        }
    }

    protected override void Backward(TOp op, GradientCall call) => call.Give(0, gradient(op, call, call.X(1)));

    private static void Run<T>(GpuDevice gpu, TOp op, Tensor x, int axis, Tensor y) where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
        gpu.ForEach(x.Count / Math.Max(1, x.Shape[axis]), new RunningWork<T, TJoin>(TJoin.Start<T>(), GpuDevice.View<T>(x), GpuDevice.View<T>(y),
            x.Shape[axis], x.Shape.Product(axis + 1, x.Rank), op.Exclusive ? 1 : 0, op.Reverse ? 1 : 0));
}

/// <summary>The gradient of running products: x, dy, axis to dx.</summary>
internal sealed record CumProdGradient(bool Exclusive, bool Reverse) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), facts.Shape(0));
}

internal sealed class CumProdGradientKernel() : Kernel<CumProdGradient>("CumProdGradient", TrainingDomain.Name)
{
    public override bool IsReadByHost(int input) => input == 2;

    protected override void Compute(CumProdGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Scans.AxisOf(x[2]!, x[0]!.Rank);
        if (y[0].DType == DType.Float32)
            RunningLoops.ProductGradient<float>(x[0]!, x[1]!, axis, op.Exclusive, op.Reverse, y[0]);
        else
            RunningLoops.ProductGradient<double>(x[0]!, x[1]!, axis, op.Exclusive, op.Reverse, y[0]);
    }
    protected override void Compute(GpuDevice gpu, CumProdGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Scans.AxisOf(x[2]!, x[0]!.Rank);
        if (y[0].DType == DType.Float32)
            Run<float>(gpu, op, x[0]!, x[1]!, axis, y[0]);
        else
            Run<double>(gpu, op, x[0]!, x[1]!, axis, y[0]);
    }

    private static void Run<T>(GpuDevice gpu, CumProdGradient op, Tensor x, Tensor dy, int axis, Tensor dx) where T : unmanaged, INumber<T> =>
        gpu.ForEach(x.Count / Math.Max(1, x.Shape[axis]), new RunningProductGradientWork<T>(GpuDevice.View<T>(x), GpuDevice.View<T>(dy), GpuDevice.View<T>(dx),
            x.Shape[axis], x.Shape.Product(axis + 1, x.Rank), op.Exclusive ? 1 : 0, op.Reverse ? 1 : 0));
}
