using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>Where elements lie: an offset and a step for each axis, counted in elements.</summary>
internal readonly ref struct Strides(int offset, ReadOnlySpan<int> steps)
{
    public int Offset { get; } = offset;

    public ReadOnlySpan<int> Steps { get; } = steps;

    /// <summary>The steps of a whole tensor in row-major order, to be changed at will.</summary>
    public static int[] Of(TensorShape shape) => shape.Strides.ToArray();

    /// <summary>The steps of a whole tensor with these extents in row-major order.</summary>
    public static int[] Of(ReadOnlySpan<int> extents)
    {
        var steps = new int[extents.Length];
        var step = 1;
        for (var axis = extents.Length - 1; axis >= 0; step *= extents[axis--])
            steps[axis] = step;
        return steps;
    }
}

/// <summary>
/// Copies a block of elements from one stepping to another: transposes, slices, joins, repeats. Elements are moved by their width, whatever
/// their type. Axes that lie one behind the other on both sides are one, and the innermost axis is copied in one piece where both sides step by 1.
/// </summary>
internal static unsafe class StridedCopy
{
    public static void Run(Tensor x, Strides from, Tensor y, Strides to, ReadOnlySpan<int> extents)
    {
        var plan = CopyPlan.Of(extents, from.Steps, to.Steps);
        switch (x.DType.Bits())
        {
            case 8: Run<byte>(x, from.Offset, y, to.Offset, plan); break;
            case 16: Run<ushort>(x, from.Offset, y, to.Offset, plan); break;
            case 32: Run<uint>(x, from.Offset, y, to.Offset, plan); break;
            case 64: Run<ulong>(x, from.Offset, y, to.Offset, plan); break;
            default: throw new ShapeMismatchException($"The elements of {x.Title} cannot be moved: their width is {x.DType.Bits()} bits.");
        }
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    private static void Run<T>(Tensor x, int from, Tensor y, int to, CopyPlan plan) where T : unmanaged
    {
        var work = new Work<T>((T*)x.Address + from, (T*)y.Address + to, plan);
        Workers.Run(plan.Parts, ref work);
    }

    private readonly struct Work<T>(T* x, T* y, CopyPlan plan) : IWork where T : unmanaged
    {
        public void Run(int part)
        {
            var (first, end) = plan.RowsOf(part);
            for (var row = first; row < end; row++)
            {
                var (from, to) = plan.Offsets(row);
                if (plan.StepX == 1 && plan.StepY == 1)
                    new ReadOnlySpan<T>(x + from, plan.Inner).CopyTo(new(y + to, plan.Inner));
                else
                    for (var i = 0; i < plan.Inner; i++)
                        y[to + (i * plan.StepY)] = x[from + (i * plan.StepX)];
            }
        }
    }
}

/// <summary>The rows of a <see cref="StridedCopy"/> and where each begins on both sides.</summary>
internal sealed class CopyPlan
{
    private readonly (int Extent, int X, int Y)[] _axes;
    private readonly int _rowsPerPart;

    private CopyPlan(ReadOnlySpan<(int Extent, int X, int Y)> axes)
    {
        _axes = axes.ToArray();
        (Inner, StepX, StepY) = axes[^1];
        Rows = Inner == 0 ? 0 : 1;
        foreach (var (extent, _, _) in axes[..^1])
            Rows *= extent;
        _rowsPerPart = Math.Max(1, ElementLoops.Chunk / Math.Max(1, Inner));
        Parts = (Rows + _rowsPerPart - 1) / _rowsPerPart;
    }

    /// <summary>All axes, outermost first, with their steps on both sides.</summary>
    public List<Axis> Axes => [.. _axes.Select(axis => new Axis(axis.Extent, axis.X, axis.Y))];

    /// <summary>The number of elements.</summary>
    public int Count => Rows * Inner;

    public int Inner { get; }

    public int StepX { get; }

    public int StepY { get; }

    public int Rows { get; }

    public int Parts { get; }

    public static CopyPlan Of(ReadOnlySpan<int> extents, ReadOnlySpan<int> stepsX, ReadOnlySpan<int> stepsY)
    {
        // Filled from the end, as the innermost axis comes first.
        Span<(int Extent, int X, int Y)> axes = stackalloc (int, int, int)[extents.Length + 1];
        var first = axes.Length;
        for (var axis = extents.Length - 1; axis >= 0; axis--)
        {
            if (extents[axis] == 1)
                continue;
            if (first < axes.Length && stepsX[axis] == axes[first].X * axes[first].Extent && stepsY[axis] == axes[first].Y * axes[first].Extent)
                axes[first].Extent *= extents[axis];
            else
                axes[--first] = (extents[axis], stepsX[axis], stepsY[axis]);
        }
        if (first == axes.Length)
            axes[--first] = (1, 1, 1);
        return new(axes[first..]);
    }

    public (int First, int End) RowsOf(int part) => (part * _rowsPerPart, Math.Min((part + 1) * _rowsPerPart, Rows));

    public (int X, int Y) Offsets(int row)
    {
        var (x, y) = (0, 0);
        for (var axis = _axes.Length - 2; axis >= 0; axis--)
        {
            var at = row % _axes[axis].Extent;
            row /= _axes[axis].Extent;
            x += at * _axes[axis].X;
            y += at * _axes[axis].Y;
        }
        return (x, y);
    }
}
