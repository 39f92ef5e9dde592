using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Ops;

namespace Anneal.Training.Cpu;

/// <summary>
/// y [rows, inner] is changed at some rows by updates [n, inner], one after another in their order: parts share the elements of a row, never the
/// updates, so that several updates of one row always come in the same order.
/// </summary>
internal static unsafe class RowScatter
{
    private const int BytesPerPart = 1 << 12;
    private const int ElementsPerPart = 1 << 10;

    /// <summary>y takes the updates; of several for one row the last stays.</summary>
    public static void Replace(Tensor updates, ReadOnlySpan<int> rows, Tensor y)
    {
        var row = y.Shape[1] * (y.DType.Bits() / 8);
        fixed (int* list = rows)
        {
            var work = new ReplaceWork((byte*)updates.Address, (byte*)y.Address, list, rows.Length, row);
            Workers.Run((row + BytesPerPart - 1) / BytesPerPart, ref work);
        }
        GC.KeepAlive(updates);
        GC.KeepAlive(y);
    }

    /// <summary>y is joined with the updates.</summary>
    public static void Join<T, TJoin>(Tensor updates, ReadOnlySpan<int> rows, Tensor y)
        where T : unmanaged, INumber<T>
        where TJoin : struct, IJoin
    {
        var inner = y.Shape[1];
        fixed (int* list = rows)
        {
            var work = new JoinWork<T, TJoin>((T*)updates.Address, (T*)y.Address, list, rows.Length, inner);
            Workers.Run((inner + ElementsPerPart - 1) / ElementsPerPart, ref work);
        }
        GC.KeepAlive(updates);
        GC.KeepAlive(y);
    }

    private readonly struct ReplaceWork(byte* updates, byte* y, int* rows, int count, int row) : IWork
    {
        public void Run(int part)
        {
            var first = part * BytesPerPart;
            var length = Math.Min(BytesPerPart, row - first);
            for (var i = 0; i < count; i++)
                new ReadOnlySpan<byte>(updates + ((long)i * row) + first, length).CopyTo(new(y + ((long)rows[i] * row) + first, length));
        }
    }

    private readonly struct JoinWork<T, TJoin>(T* updates, T* y, int* rows, int count, int inner) : IWork
        where T : unmanaged, INumber<T>
        where TJoin : struct, IJoin
    {
        public void Run(int part)
        {
            var (first, end) = (part * ElementsPerPart, Math.Min((part + 1) * ElementsPerPart, inner));
            for (var i = 0; i < count; i++)
            {
                var from = updates + ((long)i * inner);
                var to = y + ((long)rows[i] * inner);
                for (var at = first; at < end; at++)
                    to[at] = TJoin.Join(to[at], from[at]);
            }
        }
    }
}
