using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Cells put around a tensor, or taken off it. A pad below 0 takes cells off.</summary>
internal static class Pads
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<Pad>("Pad", Pad) { IsChecked = true, Steering = [1, 3] },
        new Composite<CenterCropPad>("CenterCropPad", CenterCropPad) { IsChecked = true, Steering = [1] },
        new ConstantPadKernel(),
    ];

    /// <summary>x with zeros behind the last cell of an axis, or cut, so that it has an extent.</summary>
    public static Tensor ToExtent(Tensor x, int axis, int extent)
    {
        var after = new long[x.Rank];
        after[axis] = extent - x.Shape[axis];
        return after[axis] == 0 ? x : Constant(x, new long[x.Rank], after, null);
    }

    /// <summary>x with so many cells of a value, 0 when it is null, before and after each axis.</summary>
    public static Tensor Constant(Tensor x, long[] before, long[] after, Tensor? value) =>
        Tensor.Apply(new ConstantPad(new(before), new(after)), x, value);

    private static Tensor Pad(Pad op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, pads) = (inputs[0]!, inputs[1]!.ToInt64s());
        int[] axes = inputs.Length > 3 && inputs[3] is { } stated
            ? Array.ConvertAll(stated.ToInt64s(), axis => Axes.Count(axis, x.Rank))
            : [.. Enumerable.Range(0, x.Rank)];
        var (before, after) = (new long[x.Rank], new long[x.Rank]);
        for (var i = 0; i < axes.Length; i++)
            (before[axes[i]], after[axes[i]]) = (pads[i], pads[i + axes.Length]);
        if (op.Mode == "constant")
            return Constant(x, before, after, inputs.Length > 2 ? inputs[2] : null);
        foreach (var axis in axes)
            if ((before[axis], after[axis]) != (0, 0))
                x = x.Gather(axis, NumbersAround(op.Mode, x.Shape[axis], before[axis], after[axis]));
        return x;
    }

    /// <summary>The number of the cell that each cell of the result repeats; cells that are taken off are not repeated.</summary>
    private static long[] NumbersAround(string mode, int extent, long before, long after)
    {
        var (first, end) = (Math.Max(0, -before), extent - Math.Max(0, -after));
        if (end <= first)
            throw new ShapeMismatchException($"Pad by {mode}: an axis of {extent} cells has none left that could be repeated.");
        var numbers = new long[extent + before + after];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = first + Inside(mode, i - before - first, end - first);
        return numbers;
    }

    private static long Inside(string mode, long at, long count)
    {
        if (mode == "edge" || count == 1)
            return Math.Clamp(at, 0, count - 1);
        var period = mode == "wrap" ? count : 2 * (count - 1);
        var place = ((at % period) + period) % period;
        return place < count ? place : period - place;
    }

    /// <summary>Half of what is added or taken off in front, the larger half behind.</summary>
    private static Tensor CenterCropPad(CenterCropPad op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, extents) = (inputs[0]!, inputs[1]!.ToInt64s());
        var (before, after) = (new long[x.Rank], new long[x.Rank]);
        for (var i = 0; i < extents.Length; i++)
        {
            var axis = op.Axes is { } axes ? Axes.Count(axes[i], x.Rank) : i;
            var more = extents[i] - x.Shape[axis];
            (before[axis], after[axis]) = (more / 2, more - (more / 2));
        }
        return Constant(x, before, after, null);
    }
}

/// <summary>x and a value (a scalar, 0 when left out) to x with cells of the value around it.</summary>
internal sealed record ConstantPad(AttributeList<long> Before, AttributeList<long> After) : Op
{
    public override string Domain => TrainingDomain.Name;

    /// <summary>What takes off what this adds and adds what this takes off: its gradient.</summary>
    public ConstantPad Back => new(new([.. Before.Select(pad => -pad)]), new([.. After.Select(pad => -pad)]));

    internal override void Infer(Inference facts) =>
        facts.Output(0, facts.DType(0), new([.. facts.Shape(0)!.Select((extent, axis) => Dim.Of(extent.Value + Before[axis] + After[axis]))]));
}

internal sealed class ConstantPadKernel() : Kernel<ConstantPad>("ConstantPad", TrainingDomain.Name)
{
    protected override void Compute(ConstantPad op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        Fill(y[0], x.Length > 1 ? x[1] : null);
        var (shape, rank) = (x[0]!.Shape, x[0]!.Rank);
        var (fromSteps, toSteps, extents) = (Strides.Of(shape), Strides.Of(y[0].Shape), new int[rank]);
        var (from, to) = (0, 0);
        for (var axis = 0; axis < rank; axis++)
        {
            var (skipped, added) = ((int)Math.Max(0, -op.Before[axis]), (int)Math.Max(0, op.Before[axis]));
            extents[axis] = Math.Min(shape[axis] - skipped, y[0].Shape[axis] - added);
            if (extents[axis] <= 0)
                return;
            from += skipped * fromSteps[axis];
            to += added * toSteps[axis];
        }
        Blocks.Copy(x[0]!, new(from, fromSteps), y[0], new(to, toSteps), extents);
    }

    protected override void Compute(GpuDevice gpu, ConstantPad op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(op, x, y);

    protected override void Backward(ConstantPad op, GradientCall call)
    {
        var dx = Tensor.Apply(op.Back, call.Dy(0));
        if (call.Wants(1))
            call.Give(1, (call.Dy(0) - Tensor.Apply(op, dx)).Sum().Reshape(call.X(1).Shape.Extents));
        if (call.Wants(0))
            call.Give(0, dx);
    }

    private void Fill(Tensor y, Tensor? value)
    {
        if (value is null)
        {
            y.Clear();
            return;
        }
        if (value.Count != 1 || value.DType != y.DType)
            throw Unsupported(value, $"one number of type {y.DType} as the value of the new cells");
        Blocks.Copy(value, new(0, new int[y.Rank]), y, new(0, y.Shape.Strides), y.Shape.Extents);
    }
}
