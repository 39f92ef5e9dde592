using System.Numerics;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>The cells under a window: x [planes, cells] to columns [planes, taps, positions]; a tap outside x gives 0.</summary>
internal readonly struct UnfoldWork<T>(DeviceWindow window, ArrayView<T> x, ArrayView<T> columns) : IElementWork where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var rest = index / window.Positions;
        var (position, tap) = (window.PlaceOfPosition(index % window.Positions), window.PlaceOfTap(rest % window.Taps));
        var (a, b, c) = (window.A.CellInside(position.A, tap.A), window.B.CellInside(position.B, tap.B), window.C.CellInside(position.C, tap.C));
        columns[index] = a < 0 || b < 0 || c < 0 ? T.Zero : x[(rest / window.Taps * window.Cells) + window.CellAt(a, b, c)];
    }
}

/// <summary>y [planes, cells]: each cell sums what stands for it in columns [planes, taps, positions], in the order of the taps.</summary>
internal readonly struct FoldWork<T>(DeviceWindow window, ArrayView<T> columns, ArrayView<T> y) : IElementWork where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var start = index / window.Cells * window.Taps * window.Positions;
        var cell = window.PlaceOfCell(index % window.Cells);
        var sum = T.Zero;
        for (var a = 0; a < window.A.Kernel; a++)
            for (var b = 0; b < window.B.Kernel; b++)
                for (var c = 0; c < window.C.Kernel; c++)
                {
                    var (atA, atB, atC) = (window.A.Position(cell.A, a), window.B.Position(cell.B, b), window.C.Position(cell.C, c));
                    if (atA >= 0 && atB >= 0 && atC >= 0)
                        sum += columns[start + (((((a * window.B.Kernel) + b) * window.C.Kernel) + c) * window.Positions) + window.PositionAt(atA, atB, atC)];
                }
        y[index] = sum;
    }
}
