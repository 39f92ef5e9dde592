using System.Numerics;
using Anneal.Training.Ops;

namespace Anneal.Training.Cpu;

/// <summary>The loops that run a formula over tensors, in chunks of a fixed size.</summary>
internal static unsafe class ElementLoops
{
    // 64 KiB of float32: in the second-level cache with its neighbours, and long enough to hide the cost of handing it out.
    public const int Chunk = 1 << 14;

    public static int Chunks(int count) => (count + Chunk - 1) / Chunk;

    /// <summary>y = F(x).</summary>
    public static void Map<T, TFormula>(TFormula formula, Tensor x, Tensor y)
        where T : unmanaged
        where TFormula : struct, IUnary<T>
    {
        var work = new MapWork<T, TFormula>(formula, (T*)x.Address, (T*)y.Address, x.Count);
        Workers.Run(Chunks(x.Count), ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>dx = dy · DF(x, y).</summary>
    public static void Slope<T, TFormula>(TFormula formula, Tensor dy, Tensor x, Tensor y, Tensor dx)
        where T : unmanaged, INumberBase<T>
        where TFormula : struct, IUnary<T>
    {
        var work = new SlopeWork<T, TFormula>(formula, (T*)dy.Address, (T*)x.Address, (T*)y.Address, (T*)dx.Address, x.Count);
        Workers.Run(Chunks(x.Count), ref work);
        GC.KeepAlive(dy);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(dx);
    }

    private readonly struct MapWork<T, TFormula>(TFormula formula, T* x, T* y, int count) : IWork
        where T : unmanaged
        where TFormula : struct, IUnary<T>
    {
        public void Run(int part)
        {
            var (start, length) = (part * Chunk, Math.Min(Chunk, count - (part * Chunk)));
            if (formula is IVectorUnary<T> vector)
            {
                vector.F(new(x + start, length), new(y + start, length));
                return;
            }
            for (var i = start; i < start + length; i++)
                y[i] = formula.F(x[i]);
        }
    }

    private readonly struct SlopeWork<T, TFormula>(TFormula formula, T* dy, T* x, T* y, T* dx, int count) : IWork
        where T : unmanaged, INumberBase<T>
        where TFormula : struct, IUnary<T>
    {
        public void Run(int part)
        {
            var (start, length) = (part * Chunk, Math.Min(Chunk, count - (part * Chunk)));
            if (formula is IVectorSlope<T> vector)
            {
                vector.DF(new(dy + start, length), new(y + start, length), new(dx + start, length));
                return;
            }
            for (var i = start; i < start + length; i++)
                dx[i] = dy[i] * formula.DF(x[i], y[i]);
        }
    }
}
