using System.Collections.Concurrent;

namespace Anneal.Training.Cpu;

/// <summary>
/// How two tensors run beside a result that both broadcast to. Neighbouring axes that behave alike are one; the innermost axis is a row, walked with
/// a step of 0 or 1 in each input, and the outer ones give each row its place.
/// </summary>
internal sealed class BroadcastPlan
{
    private static readonly ConcurrentDictionary<(TensorShape Y, TensorShape A, TensorShape B), BroadcastPlan> Known = [];

    private readonly int[] _extents;
    private readonly int[] _stepsA;
    private readonly int[] _stepsB;
    private readonly int _rowsPerPart;
    private readonly int _partsPerRow;

    private BroadcastPlan(TensorShape y, TensorShape a, TensorShape b)
    {
        var axes = Merge(y, a, b);
        Axes = axes.ConvertAll(axis => new Axis(axis.Extent, axis.StepA, axis.StepB));
        (Inner, InnerA, InnerB) = axes[^1];
        _extents = [.. axes[..^1].Select(axis => axis.Extent)];
        _stepsA = [.. axes[..^1].Select(axis => axis.StepA)];
        _stepsB = [.. axes[..^1].Select(axis => axis.StepB)];
        Rows = Inner == 0 ? 0 : y.ElementCount / Inner;
        _partsPerRow = Rows == 1 ? ElementLoops.Chunks(Inner) : 1;
        _rowsPerPart = Math.Max(1, ElementLoops.Chunk / Math.Max(1, Inner));
        Parts = Rows == 0 ? 0 : _partsPerRow > 1 ? _partsPerRow : (Rows + _rowsPerPart - 1) / _rowsPerPart;
    }

    /// <summary>All axes, outermost first, with their steps in both inputs.</summary>
    public List<Axis> Axes { get; }

    /// <summary>The length of a row.</summary>
    public int Inner { get; }

    /// <summary>The step of the first input inside a row: 0 or 1.</summary>
    public int InnerA { get; }

    /// <summary>The step of the second input inside a row: 0 or 1.</summary>
    public int InnerB { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of parts that may run at the same time.</summary>
    public int Parts { get; }

    public static BroadcastPlan Of(TensorShape y, TensorShape a, TensorShape b) => Known.GetOrAdd((y, a, b), static key => new(key.Y, key.A, key.B));

    /// <summary>The rows of a part, one after another: where each begins in the result and in both inputs, and how long it is.</summary>
    public RowsOfPart RowsOf(int part) => new(this, part);

    /// <summary>The stretch of a row that a part does: all of it, unless there is one row only and parts share it.</summary>
    private (int Start, int Length) StretchOf(int part) => _partsPerRow == 1
        ? (0, Inner)
        : (part * ElementLoops.Chunk, Math.Min(ElementLoops.Chunk, Inner - (part * ElementLoops.Chunk)));

    /// <summary>Where both inputs stand at an element of a row.</summary>
    private (int A, int B) Offsets(int row, int start)
    {
        var (a, b) = (start * InnerA, start * InnerB);
        for (var axis = _extents.Length - 1; axis >= 0; axis--)
        {
            var at = row % _extents[axis];
            row /= _extents[axis];
            a += at * _stepsA[axis];
            b += at * _stepsB[axis];
        }
        return (a, b);
    }

    private static List<(int Extent, int StepA, int StepB)> Merge(TensorShape y, TensorShape a, TensorShape b)
    {
        var axes = new List<(int Extent, int StepA, int StepB)>();
        var (strideA, strideB) = (1, 1);
        for (var i = 1; i <= y.Rank; i++)
        {
            var (extentA, extentB) = (i > a.Rank ? 1 : a[^i], i > b.Rank ? 1 : b[^i]);
            var axis = (Extent: y[^i], StepA: extentA == 1 ? 0 : strideA, StepB: extentB == 1 ? 0 : strideB);
            (strideA, strideB) = (strideA * extentA, strideB * extentB);
            if (axis.Extent == 1)
                continue;
            if (axes.Count > 0 && Continues(axes[0], axis))
                axes[0] = (axes[0].Extent * axis.Extent, axes[0].StepA, axes[0].StepB);
            else
                axes.Insert(0, axis);
        }
        if (axes.Count == 0)
            axes.Add((1, 0, 0));
        return axes;
    }

    /// <summary>Whether an outer axis goes on where the inner one ends, in both inputs.</summary>
    private static bool Continues((int Extent, int StepA, int StepB) inner, (int Extent, int StepA, int StepB) outer) =>
        outer.StepA == inner.StepA * inner.Extent && outer.StepB == inner.StepB * inner.Extent
        && inner.StepA == 0 == (outer.StepA == 0) && inner.StepB == 0 == (outer.StepB == 0);

    /// <summary>Walks the rows of a part.</summary>
    public struct RowsOfPart
    {
        private readonly BroadcastPlan _plan;
        private readonly int _start;
        private readonly int _end;
        private int _row;

        public RowsOfPart(BroadcastPlan plan, int part)
        {
            _plan = plan;
            (_start, Length) = plan.StretchOf(part);
            (_row, _end) = plan._partsPerRow > 1 ? (-1, 1) : ((part * plan._rowsPerPart) - 1, Math.Min((part + 1) * plan._rowsPerPart, plan.Rows));
        }

        /// <summary>The length of every row, or of the stretch of it.</summary>
        public int Length { get; }

        /// <summary>Where the row begins: in the result, in the first input, in the second.</summary>
        public readonly (int Y, int A, int B) Current
        {
            get
            {
                var (a, b) = _plan.Offsets(_row, _start);
                return ((_row * _plan.Inner) + _start, a, b);
            }
        }

        public readonly RowsOfPart GetEnumerator() => this;

        public bool MoveNext() => ++_row < _end;
    }
}
