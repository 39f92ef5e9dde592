using System.Numerics;
using Anneal.Training.Ops;

namespace Anneal.Training.Cpu;

/// <summary>
/// Reductions over any set of axes. Neighbouring axes that go together are one group, and groups are reduced one after another from the innermost
/// out, each as [outer, reduced, inner]. The order in which numbers are joined depends on the shape alone.
/// </summary>
internal static unsafe class Reduce
{
    // Rows are joined in blocks and the blocks in a tree: the error of a float sum grows with the logarithm of its length.
    private const int Block = 512;

    public static void Run<T, TJoin>(Tensor x, ReadOnlySpan<bool> reduced, Tensor y)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        Span<(int Extent, bool Reduced)> groups = stackalloc (int, bool)[x.Rank];
        groups = groups[..Group(x.Shape, reduced, groups)];
        var last = 0;
        while (last < groups.Length && !groups[last].Reduced)
            last++;
        var from = x;
        for (var i = groups.Length - 1; i >= last; i--)
        {
            if (!groups[i].Reduced)
                continue;
            var (outer, inner) = (Product(groups[..i]), Product(groups[(i + 1)..]));
            var to = i == last ? y : Tensor.Empty(x.Compute, x.DType, [outer * inner]);
            var work = new Work<T, TJoin>((T*)from.Address, (T*)to.Address, groups[i].Extent, inner);
            Workers.Run(outer, ref work);
            GC.KeepAlive(from);
            groups[i] = (1, false);
            from = to;
        }
        if (last == groups.Length)
            x.WritableBytes().CopyTo(y.WritableBytes());
    }

    /// <summary>Neighbouring axes that are reduced, or not, together: finds the groups and how many there are.</summary>
    public static int Group(TensorShape shape, ReadOnlySpan<bool> reduced, Span<(int Extent, bool Reduced)> groups)
    {
        var count = 0;
        for (var axis = 0; axis < shape.Rank; axis++)
            if (count > 0 && groups[count - 1].Reduced == reduced[axis])
                groups[count - 1].Extent *= shape[axis];
            else
                groups[count++] = (shape[axis], reduced[axis]);
        return count;
    }

    /// <summary>The extents of groups, multiplied.</summary>
    public static int Product(ReadOnlySpan<(int Extent, bool Reduced)> groups)
    {
        var product = 1;
        foreach (var (extent, _) in groups)
            product *= extent;
        return product;
    }

    private readonly struct Work<T, TJoin>(T* x, T* y, int extent, int inner) : IWork
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        public void Run(int outer)
        {
            var from = x + ((long)outer * extent * inner);
            if (inner == 1)
                y[outer] = Row(from, extent);
            else
                Columns(from, y + ((long)outer * inner));
        }

        private static T Row(T* x, int count)
        {
            if (count > Block)
            {
                var half = (count / 2 + Block - 1) / Block * Block;
                return TJoin.Join(Row(x, half), Row(x + half, count - half));
            }
            if (TJoin.TryRow(new ReadOnlySpan<T>(x, count), out var joined))
                return joined;
            var result = TJoin.Start<T>();
            for (var i = 0; i < count; i++)
                result = TJoin.Join(result, x[i]);
            return result;
        }

        private void Columns(T* from, T* to)
        {
            new Span<T>(to, inner).Fill(TJoin.Start<T>());
            for (var row = 0; row < extent; row++, from += inner)
                if (!TJoin.TryEach(new ReadOnlySpan<T>(from, inner), new Span<T>(to, inner)))
                    for (var i = 0; i < inner; i++)
                        to[i] = TJoin.Join(to[i], from[i]);
        }
    }
}
