using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Training.Cpu;

/// <summary>
/// Sums over a row in vectors. Blocks are summed in four vectors and joined in double, in an order that depends on the length alone; the error of a
/// long float sum stays that of a block.
/// </summary>
internal static unsafe class RowSums
{
    private const int Block = 1024;

    /// <summary>Σ x.</summary>
    public static double Sum<T>(T* x, int count) where T : unmanaged, INumber<T>
    {
        var sum = 0.0;
        for (var at = 0; at < count; at += Block)
            sum += double.CreateTruncating(BlockSum(x + at, Math.Min(Block, count - at)));
        return sum;
    }

    /// <summary>Σ (x - middle)².</summary>
    public static double Squares<T>(T* x, T middle, int count) where T : unmanaged, INumber<T>
    {
        var sum = 0.0;
        for (var at = 0; at < count; at += Block)
            sum += double.CreateTruncating(BlockSquares(x + at, middle, Math.Min(Block, count - at)));
        return sum;
    }

    /// <summary>Σ dy · (x - middle).</summary>
    public static double Products<T>(T* dy, T* x, T middle, int count) where T : unmanaged, INumber<T>
    {
        var sum = 0.0;
        for (var at = 0; at < count; at += Block)
            sum += double.CreateTruncating(BlockProducts(dy + at, x + at, middle, Math.Min(Block, count - at)));
        return sum;
    }

    /// <summary>Σ x of a block, in its own type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T BlockSum<T>(T* x, int count) where T : unmanaged, INumber<T>
    {
        var (v, i) = (Vector<T>.Count, 0);
        Vector<T> a = default, b = default, c = default, d = default;
        for (; i <= count - (4 * v); i += 4 * v)
            (a, b, c, d) = (a + Vector.Load(x + i), b + Vector.Load(x + i + v), c + Vector.Load(x + i + (2 * v)), d + Vector.Load(x + i + (3 * v)));
        var sum = Vector.Sum(a + b + (c + d));
        for (; i < count; i++)
            sum += x[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T BlockSquares<T>(T* x, T middle, int count) where T : unmanaged, INumber<T>
    {
        var (v, i, m) = (Vector<T>.Count, 0, new Vector<T>(middle));
        Vector<T> a = default, b = default;
        for (; i <= count - (2 * v); i += 2 * v)
        {
            var (p, q) = (Vector.Load(x + i) - m, Vector.Load(x + i + v) - m);
            (a, b) = (a + (p * p), b + (q * q));
        }
        var sum = Vector.Sum(a + b);
        for (; i < count; i++)
            sum += (x[i] - middle) * (x[i] - middle);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T BlockProducts<T>(T* dy, T* x, T middle, int count) where T : unmanaged, INumber<T>
    {
        var (v, i, m) = (Vector<T>.Count, 0, new Vector<T>(middle));
        Vector<T> a = default, b = default;
        for (; i <= count - (2 * v); i += 2 * v)
            (a, b) = (a + (Vector.Load(dy + i) * (Vector.Load(x + i) - m)), b + (Vector.Load(dy + i + v) * (Vector.Load(x + i + v) - m)));
        var sum = Vector.Sum(a + b);
        for (; i < count; i++)
            sum += dy[i] * (x[i] - middle);
        return sum;
    }
}
