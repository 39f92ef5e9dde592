using System.Numerics;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Training.Ops;

namespace Anneal.Training.Gpu;

/// <summary>Moves along an axis by number on a GPU. The numbers come from the host, which has checked them.</summary>
internal static class GpuRows
{
    /// <summary>y [outer, n, inner] takes the rows of x [outer, extent, inner] with these numbers.</summary>
    public static void Gather(GpuDevice gpu, Tensor x, int axis, ReadOnlySpan<int> numbers, Tensor y)
    {
        var list = Upload(gpu, numbers);
        var (extent, inner) = (x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        switch (x.DType.Bits())
        {
            case 8: Gather<byte>(gpu, x, list, y, extent, inner); break;
            case 16: Gather<ushort>(gpu, x, list, y, extent, inner); break;
            case 32: Gather<uint>(gpu, x, list, y, extent, inner); break;
            default: Gather<ulong>(gpu, x, list, y, extent, inner); break;
        }
    }

    /// <summary>y [outer, extent, inner] is joined with the rows of updates [outer, n, inner] at these numbers, in their order.</summary>
    public static void Join<T, TJoin>(GpuDevice gpu, Tensor updates, int axis, ReadOnlySpan<int> numbers, Tensor y)
        where T : unmanaged, INumber<T>
        where TJoin : struct, IJoin
    {
        var extent = y.Shape[axis];
        var (starts, list) = Group(gpu, numbers, extent);
        gpu.ForEach(y.Count, new JoinRowsWork<T, TJoin>(GpuDevice.View<T>(updates), GpuDevice.View<int>(starts), GpuDevice.View<int>(list), GpuDevice.View<T>(y),
            extent, numbers.Length, y.Shape.Product(axis + 1, y.Rank)));
    }

    /// <summary>y [rows, inner] takes the updates [n, inner] at these numbers; of several for one row the last stays.</summary>
    public static void Replace(GpuDevice gpu, Tensor updates, ReadOnlySpan<int> numbers, Tensor y)
    {
        switch (y.DType.Bits())
        {
            case 8: Join<byte, LastOf>(gpu, updates, 0, numbers, y); break;
            case 16: Join<ushort, LastOf>(gpu, updates, 0, numbers, y); break;
            case 32: Join<uint, LastOf>(gpu, updates, 0, numbers, y); break;
            default: Join<ulong, LastOf>(gpu, updates, 0, numbers, y); break;
        }
    }

    /// <summary>For each of the updates [n, inner] that were multiplied into x [rows, inner] at these numbers, what else dy was multiplied with.</summary>
    public static void OtherFactors<T>(GpuDevice gpu, Tensor x, ReadOnlySpan<int> numbers, Tensor updates, Tensor dy, Tensor du) where T : unmanaged, INumber<T>
    {
        var (rows, (starts, list)) = (Upload(gpu, numbers), Group(gpu, numbers, x.Shape[0]));
        gpu.ForEach(du.Count, new OtherFactorsWork<T>(GpuDevice.View<T>(x), GpuDevice.View<T>(updates), GpuDevice.View<T>(dy), GpuDevice.View<int>(rows),
            GpuDevice.View<int>(starts), GpuDevice.View<int>(list), GpuDevice.View<T>(du), x.Shape[1]));
    }

    /// <summary>The k largest or smallest numbers of each column of x [outer, extent, inner] and their places.</summary>
    public static void Select<T>(GpuDevice gpu, Tensor x, int axis, bool wantsLargest, Tensor values, Tensor places) where T : unmanaged, INumber<T> =>
        gpu.ForEach(x.Count, new RankWork<T>(GpuDevice.View<T>(x), GpuDevice.View<T>(values), GpuDevice.View<long>(places),
            x.Shape[axis], values.Shape[axis], x.Shape.Product(axis + 1, x.Rank), wantsLargest ? 1 : 0));

    /// <summary>The place of the greatest or least number of each column of x [outer, extent, inner].</summary>
    public static void Arg<T>(GpuDevice gpu, Tensor x, int axis, bool wantsLargest, bool wantsLast, Tensor y) where T : unmanaged, INumber<T> =>
        gpu.ForEach(y.Count, new ArgWork<T>(GpuDevice.View<T>(x), GpuDevice.View<long>(y), x.Shape[axis], x.Shape.Product(axis + 1, x.Rank),
            wantsLargest ? 1 : 0, wantsLast ? 1 : 0));

    private static void Gather<T>(GpuDevice gpu, Tensor x, Tensor numbers, Tensor y, int extent, int inner) where T : unmanaged =>
        gpu.ForEach(y.Count, new GatherWork<T>(GpuDevice.View<T>(x), GpuDevice.View<int>(numbers), GpuDevice.View<T>(y), extent, numbers.Count, inner));

    /// <summary>Where the updates of each row begin in a list, and the list: the updates of a row in their order.</summary>
    private static (Tensor Starts, Tensor List) Group(GpuDevice gpu, ReadOnlySpan<int> numbers, int extent)
    {
        var starts = new int[extent + 1];
        foreach (var number in numbers)
            starts[number + 1]++;
        for (var row = 0; row < extent; row++)
            starts[row + 1] += starts[row];
        var (list, next) = (new int[numbers.Length], starts.ToArray());
        for (var i = 0; i < numbers.Length; i++)
            list[next[numbers[i]]++] = i;
        return (Upload(gpu, starts), Upload(gpu, list));
    }

    private static Tensor Upload(GpuDevice gpu, ReadOnlySpan<int> numbers)
    {
        var tensor = Tensor.Empty(gpu, DType.Int32, [numbers.Length]);
        gpu.Upload(MemoryMarshal.AsBytes(numbers), tensor.Memory);
        return tensor;
    }
}
