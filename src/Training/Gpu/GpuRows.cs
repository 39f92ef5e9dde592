using System.Numerics;
using System.Runtime.InteropServices;
using Anneal.Onnx;

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

    /// <summary>x [outer, extent, inner] sums the rows of y [outer, n, inner] at these numbers, in their order.</summary>
    public static void ScatterAdd<T>(GpuDevice gpu, Tensor y, int axis, ReadOnlySpan<int> numbers, Tensor x) where T : unmanaged, INumber<T>
    {
        var extent = x.Shape[axis];
        var starts = new int[extent + 1];
        foreach (var number in numbers)
            starts[number + 1]++;
        for (var row = 0; row < extent; row++)
            starts[row + 1] += starts[row];
        var (list, next) = (new int[numbers.Length], starts.ToArray());
        for (var i = 0; i < numbers.Length; i++)
            list[next[numbers[i]]++] = i;
        gpu.ForEach(x.Count, new ScatterAddWork<T>(GpuDevice.View<T>(y), GpuDevice.View<int>(Upload(gpu, starts)), GpuDevice.View<int>(Upload(gpu, list)),
            GpuDevice.View<T>(x), extent, numbers.Length, x.Shape.Product(axis + 1, x.Rank)));
    }

    /// <summary>The place of the greatest or least number of each column of x [outer, extent, inner].</summary>
    public static void Arg<T>(GpuDevice gpu, Tensor x, int axis, bool wantsLargest, bool wantsLast, Tensor y) where T : unmanaged, INumber<T> =>
        gpu.ForEach(y.Count, new ArgWork<T>(GpuDevice.View<T>(x), GpuDevice.View<long>(y), x.Shape[axis], x.Shape.Product(axis + 1, x.Rank),
            wantsLargest ? 1 : 0, wantsLast ? 1 : 0));

    private static void Gather<T>(GpuDevice gpu, Tensor x, Tensor numbers, Tensor y, int extent, int inner) where T : unmanaged =>
        gpu.ForEach(y.Count, new GatherWork<T>(GpuDevice.View<T>(x), GpuDevice.View<int>(numbers), GpuDevice.View<T>(y), extent, numbers.Count, inner));

    private static Tensor Upload(GpuDevice gpu, ReadOnlySpan<int> numbers)
    {
        var tensor = Tensor.Empty(gpu, DType.Int32, [numbers.Length]);
        gpu.Upload(MemoryMarshal.AsBytes(numbers), tensor.Memory);
        return tensor;
    }
}
