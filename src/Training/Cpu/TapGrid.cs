namespace Anneal.Training.Cpu;

/// <summary>
/// A grid of places that each see the same taps of a field of cells: place q sees cell q · stride + offset for every tap. A convolution is one
/// grid over its input. Its input gradient is one over dy for each remainder of a cell's place by the stride, since cells of one remainder see the
/// same taps; places of the grid are then cells of dx that lie a stride apart.
/// </summary>
internal sealed class TapGrid
{
    private readonly int[] _extents;
    private readonly int[] _field;
    private readonly int[] _strides;
    private readonly int[] _start;
    private readonly int[] _step;
    private readonly int[] _target;

    private TapGrid(int[] extents, int[] field, int[] strides, Tap[] taps, int[] start, int[] step, int[] target)
    {
        (_extents, _field, _strides, Taps) = (extents, field, strides, taps);
        (_start, _step, _target) = (start, step, target);
        if (IsPlain)
            (_extents, _field, _target) = ([1, 1, Count(extents)], [1, 1, Count(field)], [1, 1, Count(target)]);
    }

    /// <summary>The taps that fall on cells at all.</summary>
    public Tap[] Taps { get; }

    /// <summary>The extents of the grid: always three.</summary>
    public ReadOnlySpan<int> Extents => _extents;

    /// <summary>The extents of the field of cells: always three.</summary>
    public ReadOnlySpan<int> Field => _field;

    /// <summary>The number of places.</summary>
    public int Places => Count(_extents);

    /// <summary>The number of cells.</summary>
    public int Cells => Count(_field);

    /// <summary>The number of cells of the result.</summary>
    public int TargetCells => Count(_target);

    /// <summary>Whether neighbouring places are neighbouring cells of the result.</summary>
    public bool IsDense => _step is [1, 1, 1];

    /// <summary>Whether each place sees its own cell and no other, so that neither pads nor rows matter.</summary>
    public bool IsPlain => IsDense && Taps is [{ A: 0, B: 0, C: 0 }] && _strides is [1, 1, 1] && _extents.AsSpan().SequenceEqual(_field);

    /// <summary>The step from one place to the next along the last axis, in cells.</summary>
    public int LastStride => _strides[2];

    /// <summary>The step from one place to the next along the last axis of the result.</summary>
    public int LastStep => _step[2];

    /// <summary>What a convolution sees of its input.</summary>
    public static TapGrid Forward(WindowGeometry window)
    {
        var (stride, taps) = (new int[3], new List<Tap>());
        for (var axis = 0; axis < 3; axis++)
            stride[axis] = window.Cell(axis, 1, 0) - window.Cell(axis, 0, 0);
        for (var at = 0; at < window.Taps; at++)
        {
            var (a, b, c) = Split(at, window.Kernel);
            taps.Add(new(window.Cell(0, 0, a), window.Cell(1, 0, b), window.Cell(2, 0, c), at));
        }
        var extents = window.Output.ToArray();
        return new(extents, window.Input.ToArray(), stride, [.. taps], [0, 0, 0], [1, 1, 1], extents);
    }

    /// <summary>What the input gradient of a convolution sees of dy. Grids without a tap are left out: their cells are 0.</summary>
    public static IEnumerable<TapGrid> Backward(WindowGeometry window)
    {
        var stride = new int[3];
        for (var axis = 0; axis < 3; axis++)
            stride[axis] = window.Cell(axis, 1, 0) - window.Cell(axis, 0, 0);
        for (var rest = 0; rest < Count(stride); rest++)
        {
            var (a, b, c) = Split(rest, stride);
            int[] start = [a, b, c];
            int[] extents = [.. start.Select((first, axis) => Math.Max(0, (window.Input[axis] - first + stride[axis] - 1) / stride[axis]))];
            var taps = TapsOf(window, start, stride);
            if (taps.Length > 0 && Count(extents) > 0)
                yield return new(extents, window.Output.ToArray(), [1, 1, 1], taps, start, stride, window.Input.ToArray());
        }
    }

    /// <summary>The place with a number: its three coordinates.</summary>
    public (int A, int B, int C) Place(int number) => Split(number, _extents);

    /// <summary>Where the cells of a row of places begin for a tap, counted from the field's first cell; -1 when the row lies outside.</summary>
    public int Row(int a, int b, Tap tap)
    {
        var (cellA, cellB) = ((a * _strides[0]) + tap.A, (b * _strides[1]) + tap.B);
        var isInside = (uint)cellA < (uint)_field[0] && (uint)cellB < (uint)_field[1];
        return isInside ? ((cellA * _field[1]) + cellB) * _field[2] : -1;
    }

    /// <summary>The places [First, End) of a stretch of a row that see a cell inside the field for a tap.</summary>
    public (int First, int End) Inside(int first, int end, Tap tap)
    {
        var (stride, least, most) = (_strides[2], -tap.C, _field[2] - 1 - tap.C);
        var from = least <= 0 ? 0 : stride == 1 ? least : (least + stride - 1) / stride;
        var to = most < 0 ? 0 : stride == 1 ? most + 1 : (most / stride) + 1;
        from = Math.Clamp(from, first, end);
        return (from, Math.Clamp(to, from, end));
    }

    /// <summary>The cell of the result that a place is.</summary>
    public int Target(int a, int b, int c) =>
        ((((_start[0] + (a * _step[0])) * _target[1]) + _start[1] + (b * _step[1])) * _target[2]) + _start[2] + (c * _step[2]);

    private static Tap[] TapsOf(WindowGeometry window, int[] start, int[] stride)
    {
        var taps = new List<Tap>();
        for (var at = 0; at < window.Taps; at++)
        {
            var (a, b, c) = Split(at, window.Kernel);
            // Position · stride + shift = cell: the tap is seen by cells whose distance from the shift is a multiple of the stride.
            var (da, db, dc) = (start[0] - window.Cell(0, 0, a), start[1] - window.Cell(1, 0, b), start[2] - window.Cell(2, 0, c));
            if (da % stride[0] == 0 && db % stride[1] == 0 && dc % stride[2] == 0)
                taps.Add(new(da / stride[0], db / stride[1], dc / stride[2], at));
        }
        return [.. taps];
    }

    private static (int A, int B, int C) Split(int number, ReadOnlySpan<int> extents)
    {
        var (rest, c) = Math.DivRem(number, extents[2]);
        var (a, b) = Math.DivRem(rest, extents[1]);
        return (a, b, c);
    }

    private static int Count(int[] extents) => extents[0] * extents[1] * extents[2];
}

/// <summary>A tap: its offset on the three axes, and its number in the kernel.</summary>
internal readonly record struct Tap(int A, int B, int C, int Number);
