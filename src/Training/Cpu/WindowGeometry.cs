using Anneal.Onnx.Ops;

namespace Anneal.Training.Cpu;

/// <summary>
/// Where a kernel's taps fall as it slides over up to three space axes: input = output · stride + tap · dilation - pad. Fewer axes are filled up in
/// front with axes of extent 1.
/// </summary>
internal sealed class WindowGeometry
{
    private const int MostAxes = 3;

    private readonly int[] _in = [1, 1, 1];
    private readonly int[] _out = [1, 1, 1];
    private readonly int[] _kernel = [1, 1, 1];
    private readonly int[] _stride = [1, 1, 1];
    private readonly int[] _dilation = [1, 1, 1];
    private readonly int[] _pad = new int[MostAxes];
    private readonly int[] _padAfter = new int[MostAxes];

    public WindowGeometry(Window window, ReadOnlySpan<int> input, ReadOnlySpan<int> kernel, ReadOnlySpan<int> output)
    {
        var shift = MostAxes - input.Length;
        if (shift < 0)
            throw new Onnx.ShapeMismatchException($"A window slides over 1 to {MostAxes} space axes; {input.Length} were given.");
        for (var axis = 0; axis < input.Length; axis++)
        {
            var at = axis + shift;
            (_in[at], _out[at], _kernel[at]) = (input[axis], output[axis], kernel[axis]);
            (_stride[at], _dilation[at]) = ((int)(window.Strides?[axis] ?? 1), (int)(window.Dilations?[axis] ?? 1));
            (_pad[at], _padAfter[at]) = Pads(window, axis, at, input.Length);
        }
    }

    /// <summary>How many positions the kernel takes.</summary>
    public int Positions => _out[0] * _out[1] * _out[2];

    /// <summary>How many taps the kernel has.</summary>
    public int Taps => _kernel[0] * _kernel[1] * _kernel[2];

    /// <summary>How many cells the input has.</summary>
    public int Cells => _in[0] * _in[1] * _in[2];

    /// <summary>Whether the only tap takes every cell once, in order, so that positions are cells.</summary>
    public bool IsWhole => Taps == 1 && Enumerable.Range(0, MostAxes).All(axis => _out[axis] == _in[axis] && _pad[axis] == 0 && (_stride[axis] == 1 || _in[axis] == 1));

    /// <summary>The extents of the output: always three.</summary>
    public ReadOnlySpan<int> Output => _out;

    /// <summary>The extents of the kernel: always three.</summary>
    public ReadOnlySpan<int> Kernel => _kernel;

    /// <summary>The extents of the input: always three.</summary>
    public ReadOnlySpan<int> Input => _in;

    /// <summary>The cell along an axis on which a tap falls at a position; it may lie outside the input.</summary>
    public int Cell(int axis, int position, int tap) => (position * _stride[axis]) + (tap * _dilation[axis]) - _pad[axis];

    /// <summary>How many taps of a window at a position along an axis fall inside the input, or, with pads, inside it and its pads.</summary>
    public int Covered(int axis, int position, bool withPads)
    {
        var (least, end) = withPads ? (-_pad[axis], _in[axis] + _padAfter[axis]) : (0, _in[axis]);
        var count = 0;
        for (var tap = 0; tap < _kernel[axis]; tap++)
            if (Cell(axis, position, tap) is var cell && cell >= least && cell < end)
                count++;
        return count;
    }

    /// <summary>The positions along the last axis at which a tap falls inside the input: from the first to before the end.</summary>
    public (int First, int End) Inside(int tap)
    {
        var (offset, stride) = ((tap * _dilation[2]) - _pad[2], _stride[2]);
        var first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
        var end = _in[2] - 1 - offset < 0 ? 0 : ((_in[2] - 1 - offset) / stride) + 1;
        return (Math.Min(first, _out[2]), Math.Clamp(end, Math.Min(first, _out[2]), _out[2]));
    }

    /// <summary>The step along the last axis of the input from one position to the next.</summary>
    public int LastStride => _stride[2];

    private (int Before, int After) Pads(Window window, int axis, int at, int axes)
    {
        if (window.AutoPad is not ("SAME_UPPER" or "SAME_LOWER"))
        {
            var (given, after) = window.PadsOf(axis, axes);
            return ((int)given, (int)after);
        }
        var needed = Math.Max(0, ((_out[at] - 1) * _stride[at]) + ((_kernel[at] - 1) * _dilation[at]) + 1 - _in[at]);
        var before = window.AutoPad == "SAME_UPPER" ? needed / 2 : needed - (needed / 2);
        return (before, needed - before);
    }
}
