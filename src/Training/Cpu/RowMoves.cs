using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>Moves along an axis by number, a tensor seen as [outer, extent, inner].</summary>
internal static unsafe class RowMoves
{
    private const int BytesPerPart = 1 << 16;
    private const int ElementsPerPart = 1 << 10;

    /// <summary>y [outer, n, inner] takes the rows of x [outer, extent, inner] with these numbers.</summary>
    public static void Gather(Tensor x, int axis, ReadOnlySpan<int> numbers, Tensor y)
    {
        var width = x.DType.Bits() / 8;
        var (outer, extent) = (x.Shape.Product(0, axis), x.Shape[axis]);
        var row = x.Shape.Product(axis + 1, x.Rank) * width;
        fixed (int* list = numbers)
        {
            var work = new GatherWork((byte*)x.Address, (byte*)y.Address, list, numbers.Length, extent, row);
            Workers.Run(outer * work.PartsPerOuter, ref work);
        }
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>x [outer, extent, inner] has the rows of y [outer, n, inner] added at these numbers, in their order.</summary>
    public static void ScatterAdd<T>(Tensor y, int axis, ReadOnlySpan<int> numbers, Tensor x) where T : unmanaged, INumber<T>
    {
        var (outer, extent, inner) = (x.Shape.Product(0, axis), x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        x.Clear();
        fixed (int* list = numbers)
        {
            var work = new AddWork<T>((T*)y.Address, (T*)x.Address, list, numbers.Length, extent, inner);
            Workers.Run(outer * work.PartsPerOuter, ref work);
        }
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    private readonly struct GatherWork(byte* x, byte* y, int* numbers, int count, int extent, int row) : IWork
    {
        private int RowsPerPart => Math.Max(1, BytesPerPart / Math.Max(1, row));

        public int PartsPerOuter => (count + RowsPerPart - 1) / RowsPerPart;

        public void Run(int part)
        {
            var (outer, block) = Math.DivRem(part, PartsPerOuter);
            var end = Math.Min((block + 1) * RowsPerPart, count);
            var from = x + ((long)outer * extent * row);
            var to = y + ((long)outer * count * row);
            for (var i = block * RowsPerPart; i < end; i++)
                Move(from + ((long)numbers[i] * row), to + ((long)i * row));
        }

        /// <summary>A row that is one element is moved as such: setting up a copy would cost more than the copy.</summary>
        private void Move(byte* from, byte* to)
        {
            if (row == sizeof(int))
                *(int*)to = *(int*)from;
            else if (row == sizeof(long))
                *(long*)to = *(long*)from;
            else
                new ReadOnlySpan<byte>(from, row).CopyTo(new(to, row));
        }
    }

    /// <summary>Parts share the elements of a row, never the rows: each element is summed in the order of the numbers.</summary>
    private readonly struct AddWork<T>(T* y, T* x, int* numbers, int count, int extent, int inner) : IWork where T : unmanaged, INumber<T>
    {
        public int PartsPerOuter => (inner + ElementsPerPart - 1) / ElementsPerPart;

        public void Run(int part)
        {
            var (outer, block) = Math.DivRem(part, PartsPerOuter);
            var (first, end) = (block * ElementsPerPart, Math.Min((block + 1) * ElementsPerPart, inner));
            for (var i = 0; i < count; i++)
            {
                var (from, to) = (((long)outer * count) + i, ((long)outer * extent) + numbers[i]);
                for (var at = first; at < end; at++)
                    x[(to * inner) + at] += y[(from * inner) + at];
            }
        }
    }
}
