using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>The greatest cell of each window, the first of equals, and its place in x; a window of pads alone gives the least number.</summary>
internal readonly struct MaxPoolWork(DeviceWindow window, ArrayView<float> x, ArrayView<float> y, ArrayView<long> places) : IElementWork
{
    public void Run(int index)
    {
        var start = index / window.Positions * window.Cells;
        var position = window.PlaceOfPosition(index % window.Positions);
        var best = float.NegativeInfinity;
        var place = -1;
        for (var a = 0; a < window.A.Kernel; a++)
            for (var b = 0; b < window.B.Kernel; b++)
                for (var c = 0; c < window.C.Kernel; c++)
                {
                    var (cellA, cellB, cellC) = (window.A.Cell(position.A, a), window.B.Cell(position.B, b), window.C.Cell(position.C, c));
                    if (!window.A.Holds(cellA) || !window.B.Holds(cellB) || !window.C.Holds(cellC))
                        continue;
                    var cell = start + window.CellAt(cellA, cellB, cellC);
                    var value = x[cell];
                    if (place < 0 || value > best || (float.IsNaN(value) && !float.IsNaN(best)))
                        (best, place) = (value, cell);
                }
        y[index] = best;
        places[index] = place < 0 ? 0 : place;
    }
}

/// <summary>dx: each cell gets the dy of the windows that it won, in the order of its taps.</summary>
internal readonly struct MaxPoolGradientWork(DeviceWindow window, ArrayView<float> dy, ArrayView<long> places, ArrayView<float> dx) : IElementWork
{
    public void Run(int index)
    {
        var start = index / window.Cells * window.Positions;
        var cell = window.PlaceOfCell(index % window.Cells);
        var sum = 0f;
        for (var a = 0; a < window.A.Kernel; a++)
            for (var b = 0; b < window.B.Kernel; b++)
                for (var c = 0; c < window.C.Kernel; c++)
                {
                    var (atA, atB, atC) = (window.A.Position(cell.A, a), window.B.Position(cell.B, b), window.C.Position(cell.C, c));
                    if (atA < 0 || atB < 0 || atC < 0)
                        continue;
                    var position = start + window.PositionAt(atA, atB, atC);
                    if (places[position] == index)
                        sum += dy[position];
                }
        dx[index] = sum;
    }
}

/// <summary>What the sum of a window is divided by: 0 nothing, 1 its cells in the input, 2 those and its pads.</summary>
internal readonly struct WindowShare(DeviceWindow window, int divisor)
{
    public float At(float value, int a, int b, int c)
    {
        if (divisor == 0)
            return value;
        var withPads = divisor - 1;
        return value / (window.A.Covered(a, withPads) * window.B.Covered(b, withPads) * window.C.Covered(c, withPads));
    }
}

/// <summary>The sum or mean of each window.</summary>
internal readonly struct SumPoolWork(DeviceWindow window, WindowShare share, ArrayView<float> x, ArrayView<float> y) : IElementWork
{
    public void Run(int index)
    {
        var start = index / window.Positions * window.Cells;
        var position = window.PlaceOfPosition(index % window.Positions);
        var sum = 0f;
        for (var a = 0; a < window.A.Kernel; a++)
            for (var b = 0; b < window.B.Kernel; b++)
                for (var c = 0; c < window.C.Kernel; c++)
                {
                    var (cellA, cellB, cellC) = (window.A.Cell(position.A, a), window.B.Cell(position.B, b), window.C.Cell(position.C, c));
                    if (window.A.Holds(cellA) && window.B.Holds(cellB) && window.C.Holds(cellC))
                        sum += x[start + window.CellAt(cellA, cellB, cellC)];
                }
        y[index] = share.At(sum, position.A, position.B, position.C);
    }
}

/// <summary>dx: each cell gets its share of the dy of the windows over it, in the order of its taps.</summary>
internal readonly struct SumPoolGradientWork(DeviceWindow window, WindowShare share, ArrayView<float> dy, ArrayView<float> dx) : IElementWork
{
    public void Run(int index)
    {
        var start = index / window.Cells * window.Positions;
        var cell = window.PlaceOfCell(index % window.Cells);
        var sum = 0f;
        for (var a = 0; a < window.A.Kernel; a++)
            for (var b = 0; b < window.B.Kernel; b++)
                for (var c = 0; c < window.C.Kernel; c++)
                {
                    var (atA, atB, atC) = (window.A.Position(cell.A, a), window.B.Position(cell.B, b), window.C.Position(cell.C, c));
                    if (atA >= 0 && atB >= 0 && atC >= 0)
                        sum += share.At(dy[start + window.PositionAt(atA, atB, atC)], atA, atB, atC);
                }
        dx[index] = sum;
    }
}
