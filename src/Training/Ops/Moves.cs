using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>The operators that compute nothing: they look at elements in another shape, or put them elsewhere.</summary>
internal static class Moves
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new ViewKernel<Identity>("Identity", true),
        new ViewKernel<Flatten>("Flatten", true),
        new ViewKernel<Reshape>("Reshape", false),
        new ViewKernel<Squeeze>("Squeeze", false),
        new ViewKernel<Unsqueeze>("Unsqueeze", false),
        new TransposeKernel(),
        new ExpandKernel(),
        new ConcatKernel(),
        new SplitKernel(),
        new SliceKernel(),
        new PlaceKernel(),
        new CastKernel(),
        new Composite<CastLike>("CastLike", (op, x) => Tensor.Apply(new Cast { To = x[1]!.DType, Saturate = op.Saturate, RoundMode = op.RoundMode }, x[0])),
    ];
}

/// <summary>The same elements in another shape, without a copy.</summary>
internal sealed class ViewKernel<TOp>(string name, bool sizedByShapes) : Kernel(name) where TOp : Op
{
    public override bool IsReadByHost(int input) => input == 1;

    public override bool IsSizedByShapes => sizedByShapes;

    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        Tensor[] outputs = [inputs[0]!.View(Sizing.ShapeOf(op, this, inputs))];
        if (Grad.IsOn && inputs[0]!.RequiresGrad)
            _ = new TapeEntry(op, this, inputs.ToArray(), outputs);
        return outputs;
    }

    public override void Backward(GradientCall call) => call.Give(0, call.Dy(0).View(call.X(0).Shape));
}

internal sealed class TransposeKernel() : Kernel<Transpose>("Transpose")
{
    protected override void Compute(Transpose op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var from = x[0]!.Shape.Strides;
        Span<int> steps = stackalloc int[from.Length];
        for (var axis = 0; axis < steps.Length; axis++)
            steps[axis] = from[SourceOf(op, axis, steps.Length)];
        Blocks.Copy(x[0]!, new(0, steps), y[0], new(0, y[0].Shape.Strides), y[0].Shape.Extents);
    }

    protected override void Compute(GpuDevice gpu, Transpose op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);

    protected override void Backward(Transpose op, GradientCall call)
    {
        Span<int> back = stackalloc int[call.X(0).Rank];
        for (var axis = 0; axis < back.Length; axis++)
            back[SourceOf(op, axis, back.Length)] = axis;
        call.Give(0, call.Dy(0).Transpose(back));
    }

    /// <summary>Which axis of x an axis of y is.</summary>
    private static int SourceOf(Transpose op, int axis, int rank) => op.Perm is { } perm ? (int)perm[axis] : rank - 1 - axis;
}

internal sealed class ExpandKernel() : Kernel<Expand>("Expand")
{
    public override bool IsReadByHost(int input) => input == 1;

    public override bool IsSizedByShapes => false;

    protected override void Compute(Expand op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var shape = x[0]!.Shape;
        Span<int> steps = stackalloc int[y[0].Rank];
        for (var i = 1; i <= shape.Rank; i++)
            steps[^i] = shape[^i] == 1 ? 0 : shape.Strides[^i];
        Blocks.Copy(x[0]!, new(0, steps), y[0], new(0, y[0].Shape.Strides), y[0].Shape.Extents);
    }

    protected override void Compute(GpuDevice gpu, Expand op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);

    protected override void Backward(Expand op, GradientCall call) => call.Give(0, call.Dy(0).SumTo(call.X(0).Shape));
}

internal sealed class ConcatKernel() : Kernel<Concat>("Concat")
{
    protected override void Compute(Concat op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var steps = y[0].Shape.Strides;
        var (axis, at) = (Axes.Count(op.Axis, y[0].Rank), 0);
        foreach (var part in x)
        {
            Blocks.Copy(part!, new(0, part!.Shape.Strides), y[0], new(at * steps[axis], steps), part.Shape.Extents);
            at += part.Shape[axis];
        }
    }

    protected override void Compute(GpuDevice gpu, Concat op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);

    protected override void Backward(Concat op, GradientCall call)
    {
        var (axis, at) = (Axes.Count(op.Axis, call.Y(0).Rank), 0);
        for (var i = 0; i < call.InputCount; i++)
        {
            var length = call.X(i).Shape[axis];
            if (call.Wants(i))
                call.Give(i, call.Dy(0).Slice(axis, at, at + length));
            at += length;
        }
    }
}

internal sealed class SplitKernel() : Kernel<Split>("Split")
{
    public override bool IsReadByHost(int input) => input == 1;

    public override bool IsSizedByShapes => false;

    protected override void Compute(Split op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var steps = x[0]!.Shape.Strides;
        var (axis, at) = (Axes.Count(op.Axis, x[0]!.Rank), 0);
        foreach (var part in y)
        {
            Blocks.Copy(x[0]!, new(at * steps[axis], steps), part, new(0, part.Shape.Strides), part.Shape.Extents);
            at += part.Shape[axis];
        }
    }

    protected override void Compute(GpuDevice gpu, Split op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);

    protected override void Backward(Split op, GradientCall call) =>
        call.Give(0, Tensor.Concat(op.Axis, [.. Enumerable.Range(0, call.OutputCount).Select(call.Dy)]));
}

internal sealed class SliceKernel() : Kernel<Slice>("Slice")
{
    public override bool IsReadByHost(int input) => input > 0;

    public override bool IsSizedByShapes => false;

    protected override void Compute(Slice op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var (offset, steps) = Cuts.Of(x, x[0]!.Shape);
        Blocks.Copy(x[0]!, new(offset, steps), y[0], new(0, y[0].Shape.Strides), y[0].Shape.Extents);
    }

    protected override void Compute(GpuDevice gpu, Slice op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);

    protected override void Backward(Slice op, GradientCall call) =>
        call.Give(0, Tensor.Apply(new Place(call.X(0).Shape), call.Dy(0), call.X(1), call.X(2), call.OptionalX(3), call.OptionalX(4)));
}

/// <summary>The gradient of a slice: zeros of a shape with the elements of dy where the slice took them. Inputs as of Slice, dy in place of x.</summary>
internal sealed record Place(TensorShape Into) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Into.Onnx);
}

internal sealed class PlaceKernel() : Kernel<Place>("Place", TrainingDomain.Name)
{
    public override bool IsReadByHost(int input) => input > 0;

    protected override void Compute(Place op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var (offset, steps) = Cuts.Of(x, op.Into);
        y[0].Clear();
        Blocks.Copy(x[0]!, new(0, x[0]!.Shape.Strides), y[0], new(offset, steps), x[0]!.Shape.Extents);
    }

    protected override void Compute(GpuDevice gpu, Place op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);
}

/// <summary>Where a slice begins and how it steps (ONNX operator <c>Slice</c>): starts, ends, axes and steps as inputs 1 to 4.</summary>
internal static class Cuts
{
    public static (int Offset, int[] Steps) Of(ReadOnlySpan<Tensor?> inputs, TensorShape shape)
    {
        var (offset, steps, starts) = (0, Strides.Of(shape), inputs[1]!.ToInt64s());
        var axes = inputs.Length > 3 ? inputs[3]?.ToInt64s() : null;
        var pace = inputs.Length > 4 ? inputs[4]?.ToInt64s() : null;
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = axes is null ? i : Axes.Count(axes[i], shape.Rank);
            var (step, extent) = (pace?[i] ?? 1, (long)shape[axis]);
            var start = starts[i] < 0 ? starts[i] + extent : starts[i];
            offset += (int)Math.Clamp(start, 0, step < 0 ? extent - 1 : extent) * steps[axis];
            steps[axis] = (int)Math.Clamp(steps[axis] * step, int.MinValue, int.MaxValue);
        }
        return (offset, steps);
    }
}

/// <summary>Copies of blocks of elements on whichever device they are.</summary>
internal static class Blocks
{
    public static void Copy(Tensor x, Strides from, Tensor y, Strides to, ReadOnlySpan<int> extents)
    {
        if (x.Compute is GpuDevice gpu)
            GpuElements.Copy(gpu, x, from, y, to, extents);
        else
            StridedCopy.Run(x, from, y, to, extents);
    }
}

/// <summary>Axes from 0 on.</summary>
internal static class Axes
{
    public static int Count(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);
}

internal sealed class CastKernel() : Kernel<Cast>("Cast")
{
    protected override void Compute(Cast op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Conversion.Run(op, x[0]!, y[0]);

    protected override void Compute(GpuDevice gpu, Cast op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (!GpuElements.TryConvert(gpu, x[0]!, y[0]))
            throw Unsupported(gpu, x[0]!, $"{GpuElements.Types}, and converts to them,");
    }

    protected override void Backward(Cast op, GradientCall call) => call.Give(0, call.Dy(0).To(call.X(0).DType));
}
