using System.Numerics;
using System.Numerics.Tensors;

namespace Anneal.Training.Cpu;

/// <summary>
/// Convolutions in which every channel has filters of its own: x [N,C,…], w [C·F,1,…], y [N,C·F,…]. Rows of an output are sums of rows of a
/// channel, one for each tap, so there is no matrix worth packing. Parts are planes, or filters for the weight gradient.
/// </summary>
internal readonly unsafe ref struct DepthwiseLoops<T>(WindowGeometry window, int images, int channels, int filters) where T : unmanaged, INumber<T>
{
    public void Forward(Tensor x, Tensor w, Tensor y)
    {
        var work = new ForwardWork(window.Forward, filters, channels, (T*)x.Address, (T*)w.Address, (T*)y.Address);
        Workers.Run(images * channels * filters, ref work);
    }

    /// <summary>Adds to dx.</summary>
    public void Backward(Tensor dy, Tensor w, Tensor dx)
    {
        var work = new BackwardWork(window.Forward, filters, channels, (T*)dy.Address, (T*)w.Address, (T*)dx.Address);
        Workers.Run(images * channels, ref work);
    }

    public void Weights(Tensor x, Tensor dy, Tensor dw)
    {
        var work = new WeightWork(window.Forward, images, filters, channels, (T*)x.Address, (T*)dy.Address, (T*)dw.Address);
        Workers.Run(channels * filters, ref work);
    }

    private readonly struct ForwardWork(TapGrid grid, int filters, int channels, T* x, T* w, T* y) : IWork
    {
        public void Run(int plane)
        {
            var filter = plane % (channels * filters);
            var cells = x + ((long)(plane / filters) * grid.Cells);
            var weights = w + ((long)filter * grid.Taps.Length);
            var places = y + ((long)plane * grid.Places);
            new Span<T>(places, grid.Places).Clear();
            foreach (var row in new TapRows(grid))
                Add(weights[row.Tap], cells + row.Cell, places + row.Place, row.Count);
        }

        private void Add(T weight, T* cells, T* places, int count)
        {
            if (grid.LastStride == 1)
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<T>(cells, count), weight, new ReadOnlySpan<T>(places, count), new Span<T>(places, count));
            else
                for (var i = 0; i < count; i++)
                    places[i] += weight * cells[i * grid.LastStride];
        }
    }

    private readonly struct BackwardWork(TapGrid grid, int filters, int channels, T* dy, T* w, T* dx) : IWork
    {
        public void Run(int plane)
        {
            var cells = dx + ((long)plane * grid.Cells);
            for (var filter = 0; filter < filters; filter++)
            {
                var weights = w + (((long)(plane % channels * filters) + filter) * grid.Taps.Length);
                var places = dy + ((((long)plane * filters) + filter) * grid.Places);
                foreach (var row in new TapRows(grid))
                    Add(weights[row.Tap], places + row.Place, cells + row.Cell, row.Count);
            }
        }

        private void Add(T weight, T* places, T* cells, int count)
        {
            if (grid.LastStride == 1)
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<T>(places, count), weight, new ReadOnlySpan<T>(cells, count), new Span<T>(cells, count));
            else
                for (var i = 0; i < count; i++)
                    cells[i * grid.LastStride] += weight * places[i];
        }
    }

    private readonly struct WeightWork(TapGrid grid, int images, int filters, int channels, T* x, T* dy, T* dw) : IWork
    {
        public void Run(int filter)
        {
            var weights = dw + ((long)filter * grid.Taps.Length);
            new Span<T>(weights, grid.Taps.Length).Clear();
            for (var image = 0; image < images; image++)
            {
                var cells = x + ((((long)image * channels) + (filter / filters)) * grid.Cells);
                var places = dy + ((((long)image * channels * filters) + filter) * grid.Places);
                foreach (var row in new TapRows(grid))
                    weights[row.Tap] += Product(cells + row.Cell, places + row.Place, row.Count);
            }
        }

        private T Product(T* cells, T* places, int count)
        {
            if (grid.LastStride == 1)
                return TensorPrimitives.Dot(new ReadOnlySpan<T>(cells, count), new(places, count));
            var sum = T.Zero;
            for (var i = 0; i < count; i++)
                sum += cells[i * grid.LastStride] * places[i];
            return sum;
        }
    }

    /// <summary>All rows of places under all taps, as far as they fall inside: where each begins among the cells and among the places.</summary>
    private struct TapRows(TapGrid grid)
    {
        private int _row = -1;

        public (int Tap, int Cell, int Place, int Count) Current { get; private set; }

        public readonly TapRows GetEnumerator() => this;

        public bool MoveNext()
        {
            var (rows, length) = (grid.Extents[0] * grid.Extents[1], grid.Extents[2]);
            while (++_row < rows * grid.Taps.Length)
            {
                var (number, at) = Math.DivRem(_row, rows);
                var (a, b) = Math.DivRem(at, grid.Extents[1]);
                var tap = grid.Taps[number];
                var row = grid.Row(a, b, tap);
                if (row < 0)
                    continue;
                var (first, end) = grid.Inside(0, length, tap);
                Current = (number, row + (first * grid.LastStride) + tap.C, (at * length) + first, end - first);
                if (end > first)
                    return true;
            }
            return false;
        }
    }
}
