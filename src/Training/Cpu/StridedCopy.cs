using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>Where elements lie: an offset and a step for each axis, counted in elements.</summary>
internal readonly ref struct Strides(int offset, ReadOnlySpan<int> steps)
{
    public int Offset { get; } = offset;

    public ReadOnlySpan<int> Steps { get; } = steps;

    /// <summary>The steps of a whole tensor in row-major order.</summary>
    public static int[] Of(TensorShape shape)
    {
        var steps = new int[shape.Rank];
        var step = 1;
        for (var axis = shape.Rank - 1; axis >= 0; step *= shape[axis--])
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
        GC.KeepAlive((x, y));
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
    private readonly int[] _extents;
    private readonly int[] _stepsX;
    private readonly int[] _stepsY;
    private readonly int _rowsPerPart;

    private CopyPlan(List<(int Extent, int X, int Y)> axes)
    {
        (Inner, StepX, StepY) = axes[^1];
        _extents = [.. axes[..^1].Select(axis => axis.Extent)];
        _stepsX = [.. axes[..^1].Select(axis => axis.X)];
        _stepsY = [.. axes[..^1].Select(axis => axis.Y)];
        Rows = Inner == 0 ? 0 : _extents.Aggregate(1, (product, extent) => product * extent);
        _rowsPerPart = Math.Max(1, ElementLoops.Chunk / Math.Max(1, Inner));
        Parts = (Rows + _rowsPerPart - 1) / _rowsPerPart;
    }

    public int Inner { get; }

    public int StepX { get; }

    public int StepY { get; }

    public int Rows { get; }

    public int Parts { get; }

    public static CopyPlan Of(ReadOnlySpan<int> extents, ReadOnlySpan<int> stepsX, ReadOnlySpan<int> stepsY)
    {
        var axes = new List<(int Extent, int X, int Y)>();
        for (var axis = extents.Length - 1; axis >= 0; axis--)
        {
            if (extents[axis] == 1)
                continue;
            if (axes.Count > 0 && stepsX[axis] == axes[0].X * axes[0].Extent && stepsY[axis] == axes[0].Y * axes[0].Extent)
                axes[0] = (axes[0].Extent * extents[axis], axes[0].X, axes[0].Y);
            else
                axes.Insert(0, (extents[axis], stepsX[axis], stepsY[axis]));
        }
        if (axes.Count == 0)
            axes.Add((1, 1, 1));
        return new(axes);
    }

    public (int First, int End) RowsOf(int part) => (part * _rowsPerPart, Math.Min((part + 1) * _rowsPerPart, Rows));

    public (int X, int Y) Offsets(int row)
    {
        var (x, y) = (0, 0);
        for (var axis = _extents.Length - 1; axis >= 0; axis--)
        {
            var at = row % _extents[axis];
            row /= _extents[axis];
            x += at * _stepsX[axis];
            y += at * _stepsY[axis];
        }
        return (x, y);
    }
}
