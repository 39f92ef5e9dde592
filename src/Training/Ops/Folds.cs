using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>What windows took apart put together again.</summary>
internal static class Folds
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new FoldKernel(),
        new UnfoldKernel(),
        new Composite<Col2Im>("Col2Im", (op, x) => Tensor.Apply(Fold.Of(op, x[1]!.ToInt64s(), x[2]!.ToInt64s()), x[0])) { IsChecked = true, Steering = [1, 2] },
        new Composite<MaxUnpool>("MaxUnpool", MaxUnpool) { IsChecked = true, Steering = [1, 2] },
    ];

    /// <summary>Each element goes back to the place it came from, in the extents that the pooling had; these are then cut or filled up to those asked for.</summary>
    private static Tensor MaxUnpool(MaxUnpool op, ReadOnlySpan<Tensor?> inputs)
    {
        var x = inputs[0]!;
        var (axes, extents) = (x.Rank - 2, x.Shape.Extents.ToArray());
        for (var axis = 0; axis < axes; axis++)
            extents[axis + 2] = checked((int)(((extents[axis + 2] - 1) * (op.Strides?[axis] ?? 1)) + op.KernelShape[axis] - (op.Pads?[axis] ?? 0) - (op.Pads?[axis + axes] ?? 0)));
        Scatters.RequireShape(op, x, inputs[1]!.Shape);
        var zeros = Tensor.Zeros(TensorShape.Of(extents), x.DType, x.Device);
        var y = Scatters.Scatter("none", zeros, Places.OfElements(op.Name, inputs[1]!.Reshape(-1), [zeros.Count], 0), x);
        if (inputs.Length > 2 && inputs[2] is { } asked)
            for (var axis = 0; axis < y.Rank; axis++)
                y = Pads.ToExtent(y, axis, (int)asked.ToInt64s()[axis]);
        return y;
    }
}

/// <summary>Blocks [N,C·taps,positions] summed up into pictures [N,C,d…].</summary>
internal sealed record Fold(Window Window, TensorShape Picture) : Op
{
    public override string Domain => TrainingDomain.Name;

    public static Fold Of(Col2Im op, long[] picture, long[] block) =>
        new(new() { KernelShape = new(block), Dilations = op.Dilations, Pads = op.Pads, Strides = op.Strides }, TensorShape.Of([.. picture.Select(extent => (int)extent)]));

    public int[] Kernel => [.. Window.KernelShape!.Select(extent => (int)extent)];

    /// <summary>How the blocks lie in the picture.</summary>
    /// <param name="positions">How many blocks there are, which must be as many as fit.</param>
    public WindowGeometry Geometry(int positions)
    {
        var axes = Picture.Rank;
        var (kernel, output) = (Kernel, new int[axes]);
        for (var axis = 0; axis < axes; axis++)
        {
            var (before, after) = Window.PadsOf(axis, axes);
            var room = Picture[axis] + before + after - ((kernel[axis] - 1) * (Window.Dilations?[axis] ?? 1)) - 1;
            output[axis] = room < 0 ? 0 : (int)(room / (Window.Strides?[axis] ?? 1)) + 1;
        }
        var geometry = new WindowGeometry(Window, Picture.Extents, kernel, output);
        return geometry.Positions == positions
            ? geometry
            : throw new ShapeMismatchException($"Col2Im: {positions} blocks were given, and {geometry.Positions} fit into the picture {Picture}.");
    }

    internal override void Infer(Inference facts)
    {
        var x = facts.Shape(0)!;
        facts.Output(0, facts.DType(0), new([x[0], x[1].Value / Kernel.Aggregate(1L, (product, extent) => product * extent), .. Picture.Onnx]));
    }
}

internal sealed class FoldKernel() : Kernel<Fold>("Fold", TrainingDomain.Name)
{
    protected override void Compute(Fold op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var window = op.Geometry(x[0]!.Shape[2]);
        y[0].Clear();
        switch (y[0].DType)
        {
            case DType.Float32: Run<float>(window, x[0]!, y[0]); break;
            case DType.Double: Run<double>(window, x[0]!, y[0]); break;
            default: throw Unsupported(x[0]!, "float32 and double");
        }
    }

    protected override void Compute(GpuDevice gpu, Fold op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (y[0].DType is not (DType.Float32 or DType.Double))
            throw Unsupported(gpu, x[0]!, "float32 and double");
        GpuColumns.Scatter(gpu, op.Geometry(x[0]!.Shape[2]), x[0]!, y[0]);
    }

    protected override void Backward(Fold op, GradientCall call) => call.Give(0, Tensor.Apply(new Unfold(op, call.X(0).Shape), call.Dy(0)));

    private static unsafe void Run<T>(WindowGeometry window, Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        Columns.Scatter(window, (T*)x.Address, (T*)y.Address, y.Shape[0] * y.Shape[1]);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }
}

/// <summary>The gradient of a fold: pictures taken apart into blocks again.</summary>
internal sealed record Unfold(Fold Fold, TensorShape Blocks) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Blocks.Onnx);
}

internal sealed class UnfoldKernel() : Kernel<Unfold>("Unfold", TrainingDomain.Name)
{
    protected override void Compute(Unfold op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (y[0].DType == DType.Float32)
            Run<float>(op.Fold.Geometry(op.Blocks[2]), x[0]!, y[0]);
        else
            Run<double>(op.Fold.Geometry(op.Blocks[2]), x[0]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, Unfold op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        GpuColumns.Gather(gpu, op.Fold.Geometry(op.Blocks[2]), x[0]!, y[0]);

    private static unsafe void Run<T>(WindowGeometry window, Tensor x, Tensor y) where T : unmanaged
    {
        Columns.Gather(window, (T*)x.Address, (T*)y.Address, x.Shape[0] * x.Shape[1]);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }
}
