using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Pictures read at places that are computed: spatial transformers (Jaderberg et al. 2015) and deformable convolutions (Dai et al. 2017).</summary>
internal static class Samples
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<AffineGrid>("AffineGrid", AffineGrid) { IsChecked = true, Steering = [1] },
        new Composite<GridSample>("GridSample", GridSample) { IsChecked = true },
        new Composite<DeformConv>("DeformConv", DeformConv),
    ];

    /// <summary>Homogeneous coordinates of every place, the last axis first, times each picture's matrix.</summary>
    private static Tensor AffineGrid(AffineGrid op, ReadOnlySpan<Tensor?> inputs)
    {
        var (theta, size) = (inputs[0]!, inputs[1]!.ToInt64s());
        int[] space = [.. size[2..].Select(extent => (int)extent)];
        var (axes, count) = (space.Length, TensorShape.Of(space).ElementCount);
        var places = new double[count * (axes + 1)];
        for (var i = 0; i < count; i++)
        {
            var rest = i;
            for (var axis = axes - 1; axis >= 0; axis--)
            {
                (rest, var at) = Math.DivRem(rest, space[axis]);
                places[(i * (axes + 1)) + axes - 1 - axis] = op.AlignCorners ? (2.0 * at / Math.Max(1, space[axis] - 1)) - 1 : (((2.0 * at) + 1) / space[axis]) - 1;
            }
            places[(i * (axes + 1)) + axes] = 1;
        }
        var grid = Tensor.From(places, [1, count, axes + 1], theta.Device).To(theta.DType).MatMul(theta.Transpose(0, 2, 1));
        return grid.Reshape([theta.Shape[0], .. space, axes]);
    }

    private static Tensor GridSample(GridSample op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, grid) = (inputs[0]!, inputs[1]!);
        var axes = x.Rank - 2;
        var (places, taps) = (grid.Reshape(-1, axes), new AxisTaps[axes]);
        for (var axis = 0; axis < axes; axis++)
        {
            // The last axis comes first in a place.
            var at = places.Slice(1, axes - 1 - axis, axes - axis).Reshape(-1);
            taps[axis] = new GridAxis(op, x.Shape[axis + 2]).Taps(at);
        }
        return Sampler.Read(x, taps).Reshape([x.Shape[0], x.Shape[1], .. grid.Shape.Extents[1..^1]]);
    }

    /// <summary>
    /// The input is read where each tap falls, moved by its offset, into a matrix of columns, which the weights multiply as in any convolution. Inputs:
    /// x, w [M,C/G,k…], offsets [N,O·taps·axes,o…], bias, mask [N,O·taps,o…].
    /// </summary>
    private static Tensor DeformConv(DeformConv op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, w, offsets) = (inputs[0]!, inputs[1]!, inputs[2]!);
        var (n, c, groups, shifts) = (x.Shape[0], x.Shape[1], (int)op.Group, (int)op.OffsetGroup);
        int[] output = [.. Sizing.ShapeOf(op, inputs).Skip(2)];
        var (axes, taps, cells) = (output.Length, w.Shape.Product(2, w.Rank), TensorShape.Of(output).ElementCount);
        if (offsets.Shape != TensorShape.Of([n, shifts * taps * axes, .. output]))
            throw new ShapeMismatchException($"DeformConv: the offsets should be [{n},{shifts * taps * axes},{string.Join(',', output)}]; {offsets.Title} was given.");
        var moved = offsets.Reshape(n * shifts, taps, axes, cells);
        var reads = new AxisTaps[axes];
        for (var axis = 0; axis < axes; axis++)
        {
            var at = moved.Slice(2, axis, axis + 1).Reshape(n * shifts, taps, cells) + Falls(op.Window, w.Shape, output, axis).To(x.Device).To(x.DType);
            reads[axis] = Between(at.Reshape(-1), x.Shape[axis + 2]);
        }
        var columns = Sampler.Read(x.Reshape([n * shifts, c / shifts, .. x.Shape.Extents[2..]]), reads);
        if (inputs.Length > 4 && inputs[4] is { } mask)
            columns *= mask.Reshape(n * shifts, 1, taps * cells);
        var y = w.Reshape(groups, w.Shape[0] / groups, -1).MatMul(columns.Reshape(n, groups, c / groups * taps, cells));
        return Convolutions.AddBias([y.Reshape([n, w.Shape[0], .. output])], inputs.Length > 3 ? inputs[3] : null)[0];
    }

    /// <summary>Where the taps of a kernel fall along an axis when nothing moves them, [taps,cells].</summary>
    private static Tensor Falls(Window window, TensorShape w, int[] output, int axis)
    {
        var (kernel, cells) = (TensorShape.Of(w.Extents[2..]), TensorShape.Of(output));
        var (before, _) = window.PadsOf(axis, output.Length);
        var (stride, dilation) = (window.Strides?[axis] ?? 1, window.Dilations?[axis] ?? 1);
        var falls = new double[kernel.ElementCount * cells.ElementCount];
        for (var i = 0; i < falls.Length; i++)
        {
            var (tap, cell) = Math.DivRem(i, cells.ElementCount);
            falls[i] = (Along(cells, cell, axis) * stride) + (Along(kernel, tap, axis) * dilation) - before;
        }
        return Tensor.From(falls, [kernel.ElementCount, cells.ElementCount]);
    }

    private static int Along(TensorShape shape, int element, int axis) => element / shape.Product(axis + 1, shape.Rank) % shape[axis];

    private static AxisTaps Between(Tensor at, int extent)
    {
        var (floors, weights) = Sampler.Linear(at);
        return new([Inside(floors, 0, extent), Inside(floors, 1, extent)], weights);
    }

    private static long[] Inside(long[] floors, int tap, int extent)
    {
        var numbers = new long[floors.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = floors[i] + tap is var number && number >= 0 && number < extent ? number : -1;
        return numbers;
    }
}

/// <summary>One axis of a <see cref="GridSample"/>.</summary>
/// <param name="op">The operator.</param>
/// <param name="extent">The axis's extent.</param>
internal sealed class GridAxis(GridSample op, int extent)
{
    // What lies outside begins at the outermost middles or at the outer edges.
    private readonly double _least = op.AlignCorners ? 0 : -0.5;
    private readonly double _greatest = op.AlignCorners ? extent - 1 : extent - 0.5;

    /// <summary>The taps of places between -1 and 1.</summary>
    public AxisTaps Taps(Tensor normalised)
    {
        var at = op.AlignCorners ? (normalised + 1) * ((extent - 1) / 2.0) : (((normalised + 1) * extent) - 1) * 0.5;
        if (op.Mode == "nearest")
            return new([Elements(Bounded(at.Round()).ToInt64s(), 0)], [null]);
        at = Bounded(at);
        var (floors, weights) = op.Mode == "linear" ? Sampler.Linear(at) : Sampler.Cubic(at);
        var first = op.Mode == "linear" ? 0 : -1;
        return new([.. Enumerable.Range(first, weights.Length).Select(tap => Elements(floors, tap))], weights);
    }

    /// <summary>Places outside brought inside: each by a line, so that gradients go the way that places went.</summary>
    private Tensor Bounded(Tensor at)
    {
        if (op.PaddingMode == "zeros")
            return at;
        var places = at.Detach().To(DType.Double).ToArray<double>();
        var (slopes, shifts, isOutside) = (new double[places.Length], new double[places.Length], false);
        for (var i = 0; i < places.Length; i++)
        {
            (slopes[i], shifts[i]) = op.PaddingMode == "border" ? Clamp(places[i]) : Reflect(places[i]);
            isOutside |= places[i] < _least || places[i] > _greatest;
        }
        if (!isOutside)
            return at;
        return (at * Beside(at, slopes)) + Beside(at, shifts);
    }

    private static Tensor Beside(Tensor at, double[] numbers) => Tensor.From(numbers, [numbers.Length], at.Device).To(at.DType);

    private (double Slope, double Shift) Clamp(double place) =>
        place < _least ? (0, 0) : place > _greatest ? (0, extent - 1) : (1, 0);

    private (double Slope, double Shift) Reflect(double place)
    {
        var range = _greatest - _least;
        if (place >= _least && place <= _greatest)
            return (1, 0);
        if (range == 0)
            return (0, _least);
        var below = place < _least;
        var times = Math.Floor((below ? _least - place : place - _greatest) / range);
        if (times % 2 == 0)
            return (-1, below ? (2 * _least) - (times * range) : (2 * _greatest) + (times * range));
        return (1, (below ? 1 : -1) * (times + 1) * range);
    }

    private long[] Elements(long[] floors, int tap)
    {
        var numbers = new long[floors.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = Element(floors[i] + tap);
        return numbers;
    }

    private long Element(long number)
    {
        if (number >= 0 && number < extent)
            return number;
        if (op.PaddingMode == "zeros")
            return -1;
        var (slope, shift) = op.PaddingMode == "border" ? Clamp(number) : Reflect(number);
        return Math.Clamp((long)((number * slope) + shift), 0, extent - 1);
    }
}
