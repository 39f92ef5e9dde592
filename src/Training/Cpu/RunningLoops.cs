using System.Numerics;
using Anneal.Training.Ops;

namespace Anneal.Training.Cpu;

/// <summary>Sums and products of everything up to an element along an axis, a tensor seen as [outer, extent, inner].</summary>
internal static unsafe class RunningLoops
{
    /// <summary>y: each element joined with those before it; exclusive: those before it alone.</summary>
    public static void Run<T, TJoin>(Tensor x, int axis, bool exclusive, bool reverse, Tensor y)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        var (extent, inner) = (x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        if (x.Count == 0)
            return;
        var work = new Work<T, TJoin>((T*)x.Address, (T*)y.Address, extent, inner, exclusive, reverse);
        Workers.Run(x.Shape.Product(0, axis), ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>
    /// dx of running products: for each element the product of those before it, times what it is a factor of afterwards. That sum is gathered from the
    /// end, s = dy + next · (s of the next), so that nothing is divided by an element that may be 0.
    /// </summary>
    public static void ProductGradient<T>(Tensor x, Tensor dy, int axis, bool exclusive, bool reverse, Tensor dx) where T : unmanaged, INumber<T>
    {
        var (extent, inner) = (x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        if (x.Count == 0)
            return;
        var work = new ProductGradientWork<T>((T*)x.Address, (T*)dy.Address, (T*)dx.Address, extent, inner, exclusive, reverse);
        Workers.Run(x.Shape.Product(0, axis), ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(dy);
        GC.KeepAlive(dx);
    }

    private readonly struct Work<T, TJoin>(T* x, T* y, int extent, int inner, bool exclusive, bool reverse) : IWork
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        public void Run(int outer)
        {
            var step = reverse ? -inner : inner;
            var first = ((long)outer * extent * inner) + (reverse ? (extent - 1) * inner : 0);
            var from = x + first;
            var to = y + first;
            for (var i = 0; i < inner; i++)
                to[i] = exclusive ? TJoin.Start<T>() : from[i];
            for (var row = 1; row < extent; row++)
            {
                var before = to;
                var joined = exclusive ? from : from + step;
                from += step;
                to += step;
                for (var i = 0; i < inner; i++)
                    to[i] = TJoin.Join(before[i], joined[i]);
            }
        }
    }

    private readonly struct ProductGradientWork<T>(T* x, T* dy, T* dx, int extent, int inner, bool exclusive, bool reverse) : IWork
        where T : unmanaged, INumber<T>
    {
        public void Run(int outer)
        {
            var start = ((long)outer * extent * inner) + (reverse ? (extent - 1) * inner : 0);
            for (var i = 0; i < inner; i++)
                Lane(start + i, reverse ? -inner : inner);
        }

        private void Lane(long first, int step)
        {
            var (before, last) = (T.One, first + ((long)(extent - 1) * step));
            for (var at = first; at != last + step; at += step)
            {
                dx[at] = before;
                before *= x[at];
            }
            // Of the last element an exclusive product knows nothing.
            var sum = exclusive ? T.Zero : dy[last];
            dx[last] *= sum;
            for (var at = last; at != first;)
            {
                sum = exclusive ? dy[at] + (x[at] * sum) : dy[at - step] + (x[at] * sum);
                at -= step;
                dx[at] *= sum;
            }
        }
    }
}
