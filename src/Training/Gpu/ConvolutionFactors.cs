using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>
/// A convolution as a GPU takes it: x [images, groups · InOfGroup, cells], w [groups · OutOfGroup, InOfGroup, taps], y [images, groups · OutOfGroup,
/// positions]. Groups are the batches of its products.
/// </summary>
internal readonly struct DeviceConvolution(DeviceWindow window, int inOfGroup, int outOfGroup, int groups)
{
    public readonly DeviceWindow Window = window;
    public readonly int InOfGroup = inOfGroup;
    public readonly int OutOfGroup = outOfGroup;
    public readonly int Groups = groups;

    public int Taps => Window.Taps;

    /// <summary>The first cell of a channel of a group in a picture.</summary>
    public int StartOfInput(int image, int group, int channel) => ((image * Groups * InOfGroup) + (group * InOfGroup) + channel) * Window.Cells;

    /// <summary>The first position of a channel of a group in a picture.</summary>
    public int StartOfOutput(int image, int group, int channel) => ((image * Groups * OutOfGroup) + (group * OutOfGroup) + channel) * Window.Positions;

    /// <summary>A column of patches is a picture and a position: the position, and the first cell of the picture.</summary>
    public Place PositionOfInput(int index)
    {
        var (image, position) = (index / Window.Positions, index % Window.Positions);
        var place = Window.PlaceOfPosition(position);
        return new(place.A, place.B, place.C, StartOfInput(image, 0, 0));
    }

    /// <summary>A row of patches is a channel and a tap: the tap, and the first cell of the channel.</summary>
    public Place TapOfInput(int group, int index)
    {
        var (channel, tap) = (index / Taps, index % Taps);
        var place = Window.PlaceOfTap(tap);
        return new(place.A, place.B, place.C, StartOfInput(0, group, channel));
    }

    /// <summary>The cell under a tap, counted from a channel's first, or -1 outside the input.</summary>
    public int CellUnder(Place position, Place tap)
    {
        var (a, b, c) = (Window.A.CellInside(position.A, tap.A), Window.B.CellInside(position.B, tap.B), Window.C.CellInside(position.C, tap.C));
        return a >= 0 && b >= 0 && c >= 0 ? Window.CellAt(a, b, c) : -1;
    }

    /// <summary>The position at which a tap falls on a cell, counted from a channel's first, or -1 when there is none.</summary>
    public int PositionOver(Place cell, Place tap)
    {
        var (a, b, c) = (Window.A.Position(cell.A, tap.A), Window.B.Position(cell.B, tap.B), Window.C.Position(cell.C, tap.C));
        return a >= 0 && b >= 0 && c >= 0 ? Window.PositionAt(a, b, c) : -1;
    }
}

/// <summary>The weights of a group as [OutOfGroup, InOfGroup · taps].</summary>
internal readonly struct Weights(DeviceConvolution convolution, ArrayView<float> w) : IFactor<float>
{
    public static bool RunsAlongDepth => true;

    public Place Outer(int batch, int index) => new(0, 0, 0, ((batch * convolution.OutOfGroup) + index) * convolution.InOfGroup * convolution.Taps);

    public Place Depth(int batch, int index) => new(0, 0, 0, index);

    public float Load(Place outer, Place depth) => w[outer.Offset + depth.Offset];
}

/// <summary>The weights of a group turned: [InOfGroup, OutOfGroup · taps].</summary>
internal readonly struct TurnedWeights(DeviceConvolution convolution, ArrayView<float> w) : IFactor<float>
{
    public static bool RunsAlongDepth => true;

    public Place Outer(int batch, int index) => new(0, 0, 0, ((batch * convolution.OutOfGroup * convolution.InOfGroup) + index) * convolution.Taps);

    public Place Depth(int batch, int index)
    {
        var (output, tap) = (index / convolution.Taps, index % convolution.Taps);
        return new(0, 0, 0, (output * convolution.InOfGroup * convolution.Taps) + tap);
    }

    public float Load(Place outer, Place depth) => w[outer.Offset + depth.Offset];
}

/// <summary>The cells under the window: a row for each channel and tap, a column for each picture and position (Chellapilla, Puri and Simard 2006).</summary>
internal readonly struct Patches(DeviceConvolution convolution, ArrayView<float> x) : IFactor<float>
{
    public static bool RunsAlongDepth => false;

    public Place Outer(int batch, int index) => convolution.PositionOfInput(index);

    public Place Depth(int batch, int index) => convolution.TapOfInput(batch, index);

    public float Load(Place outer, Place depth)
    {
        var cell = convolution.CellUnder(outer, depth);
        return cell < 0 ? 0 : x[outer.Offset + depth.Offset + cell];
    }
}

/// <summary>As <see cref="Patches"/>, turned: the depth runs over pictures and positions.</summary>
internal readonly struct TurnedPatches(DeviceConvolution convolution, ArrayView<float> x) : IFactor<float>
{
    public static bool RunsAlongDepth => true;

    public Place Outer(int batch, int index) => convolution.TapOfInput(batch, index);

    public Place Depth(int batch, int index) => convolution.PositionOfInput(index);

    public float Load(Place outer, Place depth)
    {
        var cell = convolution.CellUnder(depth, outer);
        return cell < 0 ? 0 : x[outer.Offset + depth.Offset + cell];
    }
}

/// <summary>The gradients that reach a cell: a row for each output channel and tap, a column for each picture and cell.</summary>
internal readonly struct ReachingSlopes(DeviceConvolution convolution, ArrayView<float> dy) : IFactor<float>
{
    public static bool RunsAlongDepth => false;

    public Place Outer(int batch, int index)
    {
        var (image, cell) = (index / convolution.Window.Cells, index % convolution.Window.Cells);
        var place = convolution.Window.PlaceOfCell(cell);
        return new(place.A, place.B, place.C, convolution.StartOfOutput(image, 0, 0));
    }

    public Place Depth(int batch, int index)
    {
        var (output, tap) = (index / convolution.Taps, index % convolution.Taps);
        var place = convolution.Window.PlaceOfTap(tap);
        return new(place.A, place.B, place.C, convolution.StartOfOutput(0, batch, output));
    }

    public float Load(Place outer, Place depth)
    {
        var position = convolution.PositionOver(outer, depth);
        return position < 0 ? 0 : dy[outer.Offset + depth.Offset + position];
    }
}

/// <summary>The gradient of a convolution's output as [OutOfGroup, pictures · positions].</summary>
internal readonly struct OutputSlopes(DeviceConvolution convolution, ArrayView<float> dy) : IFactor<float>
{
    public static bool RunsAlongDepth => true;

    public Place Outer(int batch, int index) => new(0, 0, 0, convolution.StartOfOutput(0, batch, index));

    public Place Depth(int batch, int index)
    {
        var (image, position) = (index / convolution.Window.Positions, index % convolution.Window.Positions);
        return new(0, 0, 0, convolution.StartOfOutput(image, 0, 0) + position);
    }

    public float Load(Place outer, Place depth) => dy[outer.Offset + depth.Offset];
}

/// <summary>y, from rows of channels and columns of pictures and positions.</summary>
internal readonly struct OutputPlanes(DeviceConvolution convolution, ArrayView<float> y) : IProduct<float>
{
    public void Store(int batch, int row, int column, float value) =>
        y[convolution.StartOfOutput(column / convolution.Window.Positions, batch, row) + (column % convolution.Window.Positions)] = value;
}

/// <summary>dx, from rows of channels and columns of pictures and cells.</summary>
internal readonly struct InputPlanes(DeviceConvolution convolution, ArrayView<float> dx) : IProduct<float>
{
    public void Store(int batch, int row, int column, float value) =>
        dx[convolution.StartOfInput(column / convolution.Window.Cells, batch, row) + (column % convolution.Window.Cells)] = value;
}
