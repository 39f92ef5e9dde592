using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>Moves along an axis by number, a tensor seen as [outer, extent, inner].</summary>
internal static unsafe class RowMoves
{
    /// <summary>y [outer, n, inner] takes the rows of x [outer, extent, inner] with these numbers.</summary>
    public static void Gather(Tensor x, int axis, ReadOnlySpan<int> numbers, Tensor y)
    {
        var width = x.DType.Bits() / 8;
        var (outer, extent) = (x.Shape.Product(0, axis), x.Shape[axis]);
        var row = x.Shape.Product(axis + 1, x.Rank) * width;
        fixed (int* list = numbers)
        {
            var work = new GatherWork((byte*)x.Address, (byte*)y.Address, list, numbers.Length, extent, row);
            Workers.Run(outer, ref work);
        }
        GC.KeepAlive((x, y));
    }

    /// <summary>x [outer, extent, inner] has the rows of y [outer, n, inner] added at these numbers, in their order.</summary>
    public static void ScatterAdd<T>(Tensor y, int axis, ReadOnlySpan<int> numbers, Tensor x) where T : unmanaged, INumber<T>
    {
        var (outer, extent, inner) = (x.Shape.Product(0, axis), x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        x.Clear();
        fixed (int* list = numbers)
        {
            var work = new AddWork<T>((T*)y.Address, (T*)x.Address, list, numbers.Length, extent, inner);
            Workers.Run(outer, ref work);
        }
        GC.KeepAlive((x, y));
    }

    private readonly struct GatherWork(byte* x, byte* y, int* numbers, int count, int extent, int row) : IWork
    {
        public void Run(int outer)
        {
            for (var i = 0; i < count; i++)
                new ReadOnlySpan<byte>(x + ((((long)outer * extent) + numbers[i]) * row), row).CopyTo(new(y + ((((long)outer * count) + i) * row), row));
        }
    }

    private readonly struct AddWork<T>(T* y, T* x, int* numbers, int count, int extent, int inner) : IWork where T : unmanaged, INumber<T>
    {
        public void Run(int outer)
        {
            for (var i = 0; i < count; i++)
            {
                var (from, to) = (((long)outer * count) + i, ((long)outer * extent) + numbers[i]);
                for (var at = 0; at < inner; at++)
                    x[(to * inner) + at] += y[(from * inner) + at];
            }
        }
    }
}
