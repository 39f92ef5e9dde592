using System.Collections.Concurrent;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Cpu;

/// <summary>
/// Where a kernel's taps fall as it slides over up to three space axes: input = output · stride + tap · dilation - pad. Fewer axes are filled up in
/// front with axes of extent 1.
/// </summary>
internal sealed class WindowGeometry
{
    private const int MostAxes = 3;

    private static readonly ConcurrentDictionary<(Window Window, TensorShape X, TensorShape W, TensorShape Y), WindowGeometry> Known = [];

    private readonly int[] _in = [1, 1, 1];
    private readonly int[] _out = [1, 1, 1];
    private readonly int[] _kernel = [1, 1, 1];
    private readonly int[] _stride = [1, 1, 1];
    private readonly int[] _dilation = [1, 1, 1];
    private readonly int[] _pad = new int[MostAxes];
    private readonly int[] _padAfter = new int[MostAxes];
    private readonly Reach[][] _reaches = new Reach[MostAxes][];

    /// <summary>The geometry over space axes alone.</summary>
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
        for (var axis = 0; axis < MostAxes; axis++)
            _reaches[axis] = [.. Enumerable.Range(0, _out[axis]).Select(position => ReachOf(axis, position))];
    }

    /// <summary>The geometry of a window over x [N,C,…], with the kernel of w [·,·,…], to y [N,·,…]. It is worked out once for all equal calls.</summary>
    public static WindowGeometry Of(Window window, TensorShape x, TensorShape w, TensorShape y) => Known.GetOrAdd((window, x, w, y), static key =>
        new(key.Window, key.X.Extents[2..], key.W.Extents[2..], key.Y.Extents[2..]));

    /// <summary>What a convolution sees of its input.</summary>
    public TapGrid Forward => field ??= TapGrid.Forward(this);

    /// <summary>What a convolution's input gradient sees of dy.</summary>
    public TapGrid[] Backward => field ??= [.. TapGrid.Backward(this)];

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

    /// <summary>The steps from one position to the next: always three.</summary>
    public ReadOnlySpan<int> Stride => _stride;

    /// <summary>The steps from one tap to the next: always three.</summary>
    public ReadOnlySpan<int> Dilation => _dilation;

    /// <summary>The cells that the input is thought to have in front: always three.</summary>
    public ReadOnlySpan<int> Pad => _pad;

    /// <summary>The cells that the input is thought to have behind: always three.</summary>
    public ReadOnlySpan<int> PadAfter => _padAfter;

    /// <summary>The cell along an axis on which a tap falls at a position; it may lie outside the input.</summary>
    public int Cell(int axis, int position, int tap) => (position * _stride[axis]) + (tap * _dilation[axis]) - _pad[axis];

    /// <summary>The taps of a window at a position along an axis that fall inside the input.</summary>
    public Reach At(int axis, int position) => _reaches[axis][position];

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

    private Reach ReachOf(int axis, int position)
    {
        var (start, step, taps) = (Cell(axis, position, 0), _dilation[axis], _kernel[axis]);
        var (first, end) = Between(start, step, taps, 0, _in[axis]);
        var padded = Between(start, step, taps, -_pad[axis], _in[axis] + _padAfter[axis]);
        return new(start, step, first, end, padded.End - padded.First);
    }

    /// <summary>The taps whose cells lie in [least, most).</summary>
    private static (int First, int End) Between(int start, int step, int taps, int least, int most)
    {
        var first = start >= least ? 0 : (least - start + step - 1) / step;
        var end = start >= most ? 0 : ((most - 1 - start) / step) + 1;
        first = Math.Min(first, taps);
        return (first, Math.Clamp(end, first, taps));
    }

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

    /// <summary>A window at one position along one axis.</summary>
    /// <param name="Start">The cell under its first tap; it may lie outside the input.</param>
    /// <param name="Step">The step from tap to tap, in cells.</param>
    /// <param name="First">The first tap inside the input.</param>
    /// <param name="End">The tap after the last one inside.</param>
    /// <param name="CoveredWithPads">How many taps fall inside the input and its pads.</param>
    internal readonly record struct Reach(int Start, int Step, int First, int End, int CoveredWithPads);
}
