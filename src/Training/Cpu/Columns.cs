namespace Anneal.Training.Cpu;

/// <summary>
/// The cells under a sliding window as a matrix: a row for each channel and tap, a column for each position. Taps outside the input are 0.
/// </summary>
internal static unsafe class Columns
{
    /// <summary>columns [C·taps, positions] from x [C, cells].</summary>
    public static void Gather<T>(WindowGeometry window, T* x, T* columns, int channels) where T : unmanaged
    {
        var work = new GatherWork<T>(window, x, columns);
        Workers.Run(channels, ref work);
    }

    /// <summary>x [C, cells] += columns [C·taps, positions]: each column is added back to the cells that it was taken from.</summary>
    public static void Scatter<T>(WindowGeometry window, T* columns, T* x, int channels) where T : unmanaged, System.Numerics.INumber<T>
    {
        var work = new ScatterWork<T>(window, columns, x);
        Workers.Run(channels, ref work);
    }

    /// <summary>Calls for every row of positions under every tap: where the row of cells begins, or -1 when it lies outside.</summary>
    private static int RowOfCells(WindowGeometry window, int tap0, int tap1, int position0, int position1)
    {
        var (cell0, cell1) = (window.Cell(0, position0, tap0), window.Cell(1, position1, tap1));
        var inside = (uint)cell0 < (uint)window.Input[0] && (uint)cell1 < (uint)window.Input[1];
        return inside ? ((cell0 * window.Input[1]) + cell1) * window.Input[2] : -1;
    }

    private readonly struct GatherWork<T>(WindowGeometry window, T* x, T* columns) : IWork where T : unmanaged
    {
        public void Run(int channel)
        {
            var cells = x + ((long)channel * window.Cells);
            var to = columns + ((long)channel * window.Taps * window.Positions);
            for (var tap0 = 0; tap0 < window.Kernel[0]; tap0++)
                for (var tap1 = 0; tap1 < window.Kernel[1]; tap1++)
                    for (var tap2 = 0; tap2 < window.Kernel[2]; tap2++)
                        for (var position0 = 0; position0 < window.Output[0]; position0++)
                            for (var position1 = 0; position1 < window.Output[1]; position1++, to += window.Output[2])
                                Row(cells, RowOfCells(window, tap0, tap1, position0, position1), tap2, to);
        }

        private void Row(T* cells, int start, int tap, T* to)
        {
            var row = new Span<T>(to, window.Output[2]);
            if (start < 0)
            {
                row.Clear();
                return;
            }
            var (first, end) = window.Inside(tap);
            row[..first].Clear();
            row[end..].Clear();
            var from = cells + start + window.Cell(2, 0, tap);
            if (window.LastStride == 1)
                new ReadOnlySpan<T>(from + first, end - first).CopyTo(row[first..]);
            else
                for (var position = first; position < end; position++)
                    to[position] = from[position * window.LastStride];
        }
    }

    private readonly struct ScatterWork<T>(WindowGeometry window, T* columns, T* x) : IWork where T : unmanaged, System.Numerics.INumber<T>
    {
        public void Run(int channel)
        {
            var cells = x + ((long)channel * window.Cells);
            var from = columns + ((long)channel * window.Taps * window.Positions);
            for (var tap0 = 0; tap0 < window.Kernel[0]; tap0++)
                for (var tap1 = 0; tap1 < window.Kernel[1]; tap1++)
                    for (var tap2 = 0; tap2 < window.Kernel[2]; tap2++)
                        for (var position0 = 0; position0 < window.Output[0]; position0++)
                            for (var position1 = 0; position1 < window.Output[1]; position1++, from += window.Output[2])
                                Row(from, cells, RowOfCells(window, tap0, tap1, position0, position1), tap2);
        }

        private void Row(T* from, T* cells, int start, int tap)
        {
            if (start < 0)
                return;
            var (first, end) = window.Inside(tap);
            var to = cells + start + window.Cell(2, 0, tap);
            for (var position = first; position < end; position++)
                to[position * window.LastStride] += from[position];
        }
    }
}
