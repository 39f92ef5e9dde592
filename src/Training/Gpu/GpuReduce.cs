using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Cpu;
using Anneal.Training.Ops;

namespace Anneal.Training.Gpu;

/// <summary>Reductions on a GPU: as on the processor, groups of axes are reduced one after another from the innermost out.</summary>
internal static class GpuReduce
{
    // So many threads or groups keep a large GPU busy; where fewer results are wanted, each is made in parts first.
    private const int RowsWanted = 512;
    private const int ColumnsWanted = 1 << 15;
    private const int LeastPart = 64;

    /// <summary>Reduces some axes; false when the GPU does not take the type.</summary>
    public static bool TryRun<TJoin>(GpuDevice gpu, Tensor x, ReadOnlySpan<bool> reduced, Tensor y) where TJoin : struct, IJoin
    {
        switch (x.DType)
        {
            case DType.Float32: Run<float, TJoin>(gpu, x, reduced, y); return true;
            case DType.Double: Run<double, TJoin>(gpu, x, reduced, y); return true;
            case DType.Int64: Run<long, TJoin>(gpu, x, reduced, y); return true;
            case DType.Int32: Run<int, TJoin>(gpu, x, reduced, y); return true;
            case DType.UInt8 or DType.Bool: Run<byte, TJoin>(gpu, x, reduced, y); return true;
            default: return false;
        }
    }

    /// <summary>x [outer, extent, inner] to y [outer, inner].</summary>
    public static void Columns<T, TJoin>(GpuDevice gpu, Tensor x, Tensor y, int outer, int extent, int inner)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        var parts = Parts(outer * inner, extent, ColumnsWanted);
        var to = parts == 1 ? y : Tensor.Empty(gpu, x.DType, [outer, parts, inner]);
        gpu.ForEach(outer * parts * inner, new ColumnsWork<T, TJoin>(TJoin.Start<T>(), GpuDevice.View<T>(x), GpuDevice.View<T>(to), extent, parts, inner));
        if (parts > 1)
            Columns<T, TJoin>(gpu, to, y, outer, parts, inner);
    }

    private static void Run<T, TJoin>(GpuDevice gpu, Tensor x, ReadOnlySpan<bool> reduced, Tensor y)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        Span<(int Extent, bool Reduced)> groups = stackalloc (int, bool)[x.Rank];
        groups = groups[..Reduce.Group(x.Shape, reduced, groups)];
        var last = groups.Length > 0 && groups[0].Reduced ? 0 : groups.Length > 1 ? 1 : -1;
        var from = x;
        for (var i = groups.Length - 1; i >= 0; i--)
        {
            if (!groups[i].Reduced)
                continue;
            var (outer, inner) = (Reduce.Product(groups[..i]), Reduce.Product(groups[(i + 1)..]));
            var to = i == last ? y : Tensor.Empty(gpu, x.DType, [outer * inner]);
            if (inner == 1)
                Rows<T, TJoin>(gpu, from, to, outer, groups[i].Extent);
            else
                Columns<T, TJoin>(gpu, from, to, outer, groups[i].Extent, inner);
            groups[i] = (1, false);
            from = to;
        }
        if (last < 0)
            gpu.Copy(x.Memory, y.Memory, x.DType.ByteLength(x.Count));
    }

    private static void Rows<T, TJoin>(GpuDevice gpu, Tensor x, Tensor y, int rows, int extent)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TJoin : struct, IJoin
    {
        if (rows == 0)
            return;
        if (extent < LeastPart)
        {
            gpu.ForEach(rows, new ColumnsWork<T, TJoin>(TJoin.Start<T>(), GpuDevice.View<T>(x), GpuDevice.View<T>(y), extent, 1, 1));
            return;
        }
        var parts = Parts(rows, extent / RowsWork<T, TJoin>.Threads, RowsWanted);
        var to = parts == 1 ? y : Tensor.Empty(gpu, x.DType, [rows, parts]);
        gpu.Run(new(rows * parts, RowsWork<T, TJoin>.Threads), new RowsWork<T, TJoin>(TJoin.Start<T>(), GpuDevice.View<T>(x), GpuDevice.View<T>(to), extent, parts));
        if (parts > 1)
            Rows<T, TJoin>(gpu, to, y, rows, parts);
    }

    /// <summary>How many parts a result is made of, by shapes alone.</summary>
    private static int Parts(int results, int extent, int wanted) =>
        Math.Max(1, Math.Min((wanted + results - 1) / Math.Max(1, results), extent / LeastPart));
}
