using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>What <see cref="WindowGeometry"/> says of one axis, as a GPU takes it.</summary>
internal readonly struct WindowAxis(int input, int output, int kernel, int stride, int dilation, int pad, int padAfter)
{
    public readonly int Input = input;
    public readonly int Output = output;
    public readonly int Kernel = kernel;
    public readonly int Stride = stride;
    public readonly int Dilation = dilation;
    public readonly int Pad = pad;
    public readonly int PadAfter = padAfter;

    /// <summary>The cell on which a tap falls at a position; it may lie outside the input.</summary>
    public int Cell(int position, int tap) => (position * Stride) + (tap * Dilation) - Pad;

    public bool Holds(int cell) => cell >= 0 && cell < Input;

    /// <summary>The cell on which a tap falls at a position, or -1 outside the input.</summary>
    public int CellInside(int position, int tap)
    {
        var cell = (position * Stride) + (tap * Dilation) - Pad;
        return cell >= 0 && cell < Input ? cell : -1;
    }

    /// <summary>The position at which a tap falls on a cell, or -1 when there is none.</summary>
    public int Position(int cell, int tap)
    {
        var from = cell + Pad - (tap * Dilation);
        var position = from / Stride;
        return from >= 0 && position * Stride == from && position < Output ? position : -1;
    }

    /// <summary>How many taps at a position fall inside the input, or, with pads, inside it and its pads.</summary>
    public int Covered(int position, int withPads)
    {
        var (least, end) = withPads != 0 ? (-Pad, Input + PadAfter) : (0, Input);
        var count = 0;
        for (var tap = 0; tap < Kernel; tap++)
        {
            var cell = Cell(position, tap);
            if (cell >= least && cell < end)
                count++;
        }
        return count;
    }
}

/// <summary>A sliding window over three axes, as a GPU takes it.</summary>
internal readonly struct DeviceWindow(WindowAxis a, WindowAxis b, WindowAxis c)
{
    public readonly WindowAxis A = a;
    public readonly WindowAxis B = b;
    public readonly WindowAxis C = c;

    public int Cells => A.Input * B.Input * C.Input;

    public int Positions => A.Output * B.Output * C.Output;

    public int Taps => A.Kernel * B.Kernel * C.Kernel;

    public static DeviceWindow Of(WindowGeometry window) => new(AxisOf(window, 0), AxisOf(window, 1), AxisOf(window, 2));

    public int CellAt(int a, int b, int c) => (((a * B.Input) + b) * C.Input) + c;

    public int PositionAt(int a, int b, int c) => (((a * B.Output) + b) * C.Output) + c;

    public Place PlaceOfCell(int cell) => new(cell / C.Input / B.Input, cell / C.Input % B.Input, cell % C.Input, 0);

    public Place PlaceOfPosition(int position) => new(position / C.Output / B.Output, position / C.Output % B.Output, position % C.Output, 0);

    public Place PlaceOfTap(int tap) => new(tap / C.Kernel / B.Kernel, tap / C.Kernel % B.Kernel, tap % C.Kernel, 0);

    private static WindowAxis AxisOf(WindowGeometry window, int axis) => new(window.Input[axis], window.Output[axis], window.Kernel[axis],
        window.Stride[axis], window.Dilation[axis], window.Pad[axis], window.PadAfter[axis]);
}
