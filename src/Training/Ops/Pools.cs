using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Poolings: windows that slide, and whole channels.</summary>
internal static class Pools
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new MaxPoolKernel(),
        new MaxPoolGradientKernel(),
        new SumPoolKernel(),
        new SumPoolGradientKernel(),
        new Composite<AveragePool>("AveragePool", (op, x) =>
            Tensor.Apply(new SumPool(op.Window, op.CeilMode, op.CountIncludePad ? Divisor.CellsAndPads : Divisor.Cells), x)),
        new Composite<LpPool>("LpPool", (op, x) => Tensor.Apply(new SumPool(op.Window, op.CeilMode, Divisor.None), x[0]!.Abs().Pow(op.P)).Pow(1.0 / op.P)),
        new Composite<GlobalAveragePool>("GlobalAveragePool", (_, x) => x[0]!.MeanKeep(SpaceAxes(x[0]!))),
        new Composite<GlobalMaxPool>("GlobalMaxPool", (_, x) => x[0]!.LargestKeep(SpaceAxes(x[0]!))),
        new Composite<GlobalLpPool>("GlobalLpPool", (op, x) => x[0]!.Abs().Pow(op.P).SumKeep(SpaceAxes(x[0]!)).Pow(1.0 / op.P)),
    ];

    public static WindowGeometry Geometry(Window window, TensorShape x, TensorShape y)
    {
        Span<int> kernel = stackalloc int[x.Rank];
        kernel[..2].Fill(1);
        for (var axis = 2; axis < kernel.Length; axis++)
            kernel[axis] = (int)window.KernelShape![axis - 2];
        return WindowGeometry.Of(window, x, TensorShape.Of(kernel), y);
    }

    private static int[] SpaceAxes(Tensor x) => [.. Enumerable.Range(2, x.Rank - 2)];
}

/// <summary>
/// The greatest cell of each window. The places of the winners are kept for the gradient, whether the caller asked for them or not.
/// </summary>
internal sealed class MaxPoolKernel() : Kernel<MaxPool>("MaxPool")
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        var outputs = base.Apply(op, inputs, 2);
        return outputCount > 1 ? [outputs[0], Counted((MaxPool)op, outputs[1], inputs[0]!.Shape)] : outputs[..1];
    }

    protected override void Compute(MaxPool op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = Pools.Geometry(op.Window, x[0]!.Shape, y[0].Shape);
        switch (x[0]!.DType)
        {
            case DType.Float32: PoolLoops.Max<float>(window, x[0]!, y[0], y[1]); break;
            case DType.Double: PoolLoops.Max<double>(window, x[0]!, y[0], y[1]); break;
            case DType.Int8: PoolLoops.Max<sbyte>(window, x[0]!, y[0], y[1]); break;
            case DType.UInt8: PoolLoops.Max<byte>(window, x[0]!, y[0], y[1]); break;
            default: throw Unsupported(x[0]!, "float32, double, int8 and uint8");
        }
    }

    protected override void Compute(GpuDevice gpu, MaxPool op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        var window = DeviceWindow.Of(Pools.Geometry(op.Window, x[0]!.Shape, y[0].Shape));
        gpu.ForEach(y[0].Count, new MaxPoolWork(window, GpuDevice.View<float>(x[0]!), GpuDevice.View<float>(y[0]), GpuDevice.View<long>(y[1])));
    }

    protected override void Backward(MaxPool op, GradientCall call) =>
        call.Give(0, Tensor.Apply(new MaxPoolGradient(op.Window, call.X(0).Shape), call.Dy(0), call.Y(1)));

    /// <summary>Places as the node counts them: with storage order 1 the first space axis runs fastest inside a plane.</summary>
    private static Tensor Counted(MaxPool op, Tensor places, TensorShape x)
    {
        if (op.StorageOrder == 0)
            return places;
        var counted = places.ToArray<long>();
        var space = x.Extents[2..];
        var cells = x.Product(2, x.Rank);
        for (var i = 0; i < counted.Length; i++)
        {
            var (plane, rest) = Math.DivRem(counted[i], (long)cells);
            var (at, step) = (0L, (long)cells);
            for (var axis = space.Length - 1; axis >= 0; axis--)
            {
                step /= space[axis];
                at += rest % space[axis] * step;
                rest /= space[axis];
            }
            counted[i] = (plane * cells) + at;
        }
        return Tensor.From(counted, places.Shape, places.Device);
    }
}

/// <summary>The gradient of a greatest cell: dy, places to dx of a shape.</summary>
internal sealed record MaxPoolGradient(Window Window, TensorShape X) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), X.Onnx);
}

internal sealed class MaxPoolGradientKernel() : Kernel<MaxPoolGradient>("MaxPoolGradient", TrainingDomain.Name)
{
    protected override void Compute(MaxPoolGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = Pools.Geometry(op.Window, op.X, x[0]!.Shape);
        if (y[0].DType == DType.Float32)
            PoolLoops.MaxGradient<float>(window, x[0]!, x[1]!, y[0]);
        else
            PoolLoops.MaxGradient<double>(window, x[0]!, x[1]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, MaxPoolGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = DeviceWindow.Of(Pools.Geometry(op.Window, op.X, x[0]!.Shape));
        gpu.ForEach(y[0].Count, new MaxPoolGradientWork(window, GpuDevice.View<float>(x[0]!), GpuDevice.View<long>(x[1]!), GpuDevice.View<float>(y[0])));
    }
}

/// <summary>The sum or the mean of each window: what average and p-norm poolings are made of.</summary>
internal sealed record SumPool(Window Window, bool CeilMode, Divisor Divisor) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => new AveragePool { Window = Window, CeilMode = CeilMode }.Infer(facts);
}

internal sealed class SumPoolKernel() : Kernel<SumPool>("SumPool", TrainingDomain.Name)
{
    protected override void Compute(SumPool op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = Pools.Geometry(op.Window, x[0]!.Shape, y[0].Shape);
        if (x[0]!.DType == DType.Float32)
            PoolLoops.Sum<float>(window, x[0]!, y[0], op.Divisor);
        else if (x[0]!.DType == DType.Double)
            PoolLoops.Sum<double>(window, x[0]!, y[0], op.Divisor);
        else
            throw Unsupported(x[0]!, "float32 and double");
    }

    protected override void Compute(GpuDevice gpu, SumPool op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        var window = DeviceWindow.Of(Pools.Geometry(op.Window, x[0]!.Shape, y[0].Shape));
        gpu.ForEach(y[0].Count, new SumPoolWork(window, new(window, (int)op.Divisor), GpuDevice.View<float>(x[0]!), GpuDevice.View<float>(y[0])));
    }

    protected override void Backward(SumPool op, GradientCall call) =>
        call.Give(0, Tensor.Apply(new SumPoolGradient(op, call.X(0).Shape), call.Dy(0)));
}

/// <summary>The gradient of a sum or mean: dy to dx of a shape.</summary>
internal sealed record SumPoolGradient(SumPool Of, TensorShape X) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), X.Onnx);
}

internal sealed class SumPoolGradientKernel() : Kernel<SumPoolGradient>("SumPoolGradient", TrainingDomain.Name)
{
    protected override void Compute(SumPoolGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = Pools.Geometry(op.Of.Window, op.X, x[0]!.Shape);
        if (y[0].DType == DType.Float32)
            PoolLoops.SumGradient<float>(window, x[0]!, y[0], op.Of.Divisor);
        else
            PoolLoops.SumGradient<double>(window, x[0]!, y[0], op.Of.Divisor);
    }

    protected override void Compute(GpuDevice gpu, SumPoolGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = DeviceWindow.Of(Pools.Geometry(op.Of.Window, op.X, x[0]!.Shape));
        gpu.ForEach(y[0].Count, new SumPoolGradientWork(window, new(window, (int)op.Of.Divisor), GpuDevice.View<float>(x[0]!), GpuDevice.View<float>(y[0])));
    }
}
