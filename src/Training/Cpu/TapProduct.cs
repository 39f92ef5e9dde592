using System.Numerics;
using System.Numerics.Tensors;

namespace Anneal.Training.Cpu;

/// <summary>The product of a <see cref="TapMatrix"/> with a tensor along one axis: x [outer, columns, inner] to y [outer, rows, inner].</summary>
internal static unsafe class TapProduct
{
    public static void Run<T>(TapMatrix matrix, Tensor x, int axis, Tensor y) where T : unmanaged, INumber<T>
    {
        var work = new Work<T>(matrix, (T*)x.Address, (T*)y.Address, x.Shape.Product(0, axis), x.Shape.Product(axis + 1, x.Rank));
        Workers.Run(work.Parts, ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    private readonly struct Work<T>(TapMatrix matrix, T* x, T* y, int outer, int inner) : IWork where T : unmanaged, INumber<T>
    {
        private int Rows => outer * matrix.Rows;

        private int RowsPerPart => Math.Max(1, ElementLoops.Chunk / Math.Max(1, inner));

        public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

        public void Run(int part)
        {
            var end = Math.Min((part + 1) * RowsPerPart, Rows);
            for (var i = part * RowsPerPart; i < end; i++)
            {
                var (block, row) = Math.DivRem(i, matrix.Rows);
                var from = x + ((long)block * matrix.Columns * inner);
                if (inner == 1)
                    y[i] = Sum(from, row);
                else
                    Row(from, row, new(y + ((long)i * inner), inner));
            }
        }

        private T Sum(T* from, int row)
        {
            var taps = matrix.TapsOf(row);
            var weights = matrix.WeightsOf(row);
            var sum = T.Zero;
            for (var tap = 0; tap < taps.Length; tap++)
                sum += T.CreateTruncating(weights[tap]) * from[taps[tap]];
            return sum;
        }

        private void Row(T* from, int row, Span<T> to)
        {
            var taps = matrix.TapsOf(row);
            var weights = matrix.WeightsOf(row);
            to.Clear();
            for (var tap = 0; tap < taps.Length; tap++)
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<T>(from + ((long)taps[tap] * inner), inner), T.CreateTruncating(weights[tap]), to, to);
        }
    }
}
