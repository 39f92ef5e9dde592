using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Anneal.Training.Cpu;

/// <summary>
/// The innermost loop of every matrix product: a tile of the result that stays in registers while a packed panel of rows meets a packed panel of
/// columns (Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication"). A panel of rows holds <see cref="Rows"/> numbers for
/// each step of depth, a panel of columns <see cref="Columns"/>.
/// </summary>
internal static unsafe class MicroKernel<T> where T : unmanaged, INumber<T>
{
    /// <summary>The height of a tile: 8 × 3 vectors fill 24 of 32 registers, 6 × 2 fill 12 of 16.</summary>
    public static int Rows => Vector512.IsHardwareAccelerated ? 8 : 6;

    /// <summary>The width of a tile.</summary>
    public static int Columns => Vector512.IsHardwareAccelerated ? 3 * Vector512<T>.Count : 2 * Vector<T>.Count;

    /// <summary>tile = a · b, or tile += a · b; rows of the tile are <paramref name="step"/> elements apart.</summary>
    public static void Run(int depth, T* a, T* b, T* tile, long step, bool add)
    {
        if (Vector512.IsHardwareAccelerated)
            EightByThree(depth, a, b, tile, step, add);
        else if (Vector.IsHardwareAccelerated)
            SixByTwo(depth, a, b, tile, step, add);
        else
            Plain(depth, a, b, tile, step, add);
    }

    /// <summary>24 sums in 512-bit registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void EightByThree(int depth, T* a, T* b, T* tile, long step, bool add)
    {
        var v = Vector512<T>.Count;
        Vector512<T> c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        Vector512<T> c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        Vector512<T> c40 = default, c41 = default, c42 = default, c50 = default, c51 = default, c52 = default;
        Vector512<T> c60 = default, c61 = default, c62 = default, c70 = default, c71 = default, c72 = default;
        for (; depth > 0; depth--, a += 8, b += 3 * v)
        {
            var (b0, b1, b2) = (Vector512.Load(b), Vector512.Load(b + v), Vector512.Load(b + (2 * v)));
            var x = Vector512.Create(a[0]);
            (c00, c01, c02) = (MultiplyAdd(x, b0, c00), MultiplyAdd(x, b1, c01), MultiplyAdd(x, b2, c02));
            x = Vector512.Create(a[1]);
            (c10, c11, c12) = (MultiplyAdd(x, b0, c10), MultiplyAdd(x, b1, c11), MultiplyAdd(x, b2, c12));
            x = Vector512.Create(a[2]);
            (c20, c21, c22) = (MultiplyAdd(x, b0, c20), MultiplyAdd(x, b1, c21), MultiplyAdd(x, b2, c22));
            x = Vector512.Create(a[3]);
            (c30, c31, c32) = (MultiplyAdd(x, b0, c30), MultiplyAdd(x, b1, c31), MultiplyAdd(x, b2, c32));
            x = Vector512.Create(a[4]);
            (c40, c41, c42) = (MultiplyAdd(x, b0, c40), MultiplyAdd(x, b1, c41), MultiplyAdd(x, b2, c42));
            x = Vector512.Create(a[5]);
            (c50, c51, c52) = (MultiplyAdd(x, b0, c50), MultiplyAdd(x, b1, c51), MultiplyAdd(x, b2, c52));
            x = Vector512.Create(a[6]);
            (c60, c61, c62) = (MultiplyAdd(x, b0, c60), MultiplyAdd(x, b1, c61), MultiplyAdd(x, b2, c62));
            x = Vector512.Create(a[7]);
            (c70, c71, c72) = (MultiplyAdd(x, b0, c70), MultiplyAdd(x, b1, c71), MultiplyAdd(x, b2, c72));
        }
        Store(tile, c00, c01, c02, add);
        Store(tile + step, c10, c11, c12, add);
        Store(tile + (2 * step), c20, c21, c22, add);
        Store(tile + (3 * step), c30, c31, c32, add);
        Store(tile + (4 * step), c40, c41, c42, add);
        Store(tile + (5 * step), c50, c51, c52, add);
        Store(tile + (6 * step), c60, c61, c62, add);
        Store(tile + (7 * step), c70, c71, c72, add);
    }

    /// <summary>12 sums in the registers of <see cref="Vector{T}"/>: 256 bits wide, or 128 on older machines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void SixByTwo(int depth, T* a, T* b, T* tile, long step, bool add)
    {
        var v = Vector<T>.Count;
        Vector<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector<T> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        for (; depth > 0; depth--, a += 6, b += 2 * v)
        {
            var (b0, b1) = (Vector.Load(b), Vector.Load(b + v));
            var x = new Vector<T>(a[0]);
            (c00, c01) = (MultiplyAdd(x, b0, c00), MultiplyAdd(x, b1, c01));
            x = new Vector<T>(a[1]);
            (c10, c11) = (MultiplyAdd(x, b0, c10), MultiplyAdd(x, b1, c11));
            x = new Vector<T>(a[2]);
            (c20, c21) = (MultiplyAdd(x, b0, c20), MultiplyAdd(x, b1, c21));
            x = new Vector<T>(a[3]);
            (c30, c31) = (MultiplyAdd(x, b0, c30), MultiplyAdd(x, b1, c31));
            x = new Vector<T>(a[4]);
            (c40, c41) = (MultiplyAdd(x, b0, c40), MultiplyAdd(x, b1, c41));
            x = new Vector<T>(a[5]);
            (c50, c51) = (MultiplyAdd(x, b0, c50), MultiplyAdd(x, b1, c51));
        }
        Store(tile, c00, c01, add);
        Store(tile + step, c10, c11, add);
        Store(tile + (2 * step), c20, c21, add);
        Store(tile + (3 * step), c30, c31, add);
        Store(tile + (4 * step), c40, c41, add);
        Store(tile + (5 * step), c50, c51, add);
    }

    /// <summary>Without vectors: element by element, each summed in a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plain(int depth, T* a, T* b, T* tile, long step, bool add)
    {
        var (rows, columns) = (Rows, Columns);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
            {
                var sum = T.Zero;
                for (var i = 0; i < depth; i++)
                    sum += a[(i * rows) + row] * b[(i * columns) + column];
                var to = tile + (row * step) + column;
                *to = add ? *to + sum : sum;
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* to, Vector512<T> c0, Vector512<T> c1, Vector512<T> c2, bool add)
    {
        var v = Vector512<T>.Count;
        if (add)
            (c0, c1, c2) = (c0 + Vector512.Load(to), c1 + Vector512.Load(to + v), c2 + Vector512.Load(to + (2 * v)));
        c0.Store(to);
        c1.Store(to + v);
        c2.Store(to + (2 * v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* to, Vector<T> c0, Vector<T> c1, bool add)
    {
        if (add)
            (c0, c1) = (c0 + Vector.Load(to), c1 + Vector.Load(to + Vector<T>.Count));
        Vector.Store(c0, to);
        Vector.Store(c1, to + Vector<T>.Count);
    }

    /// <summary>One rounding where the machine has such an instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c)
    {
        if (typeof(T) == typeof(float))
            return Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
        if (typeof(T) == typeof(double))
            return Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
        return (a * b) + c;
    }

    /// <summary>One rounding where the machine has such an instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> MultiplyAdd(Vector<T> a, Vector<T> b, Vector<T> c)
    {
        if (typeof(T) == typeof(float))
            return Vector.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>();
        if (typeof(T) == typeof(double))
            return Vector.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();
        return (a * b) + c;
    }
}
