namespace Anneal.Zoo.Images;

/// <summary>
/// Resizing as Pillow does it, to the bit: horizontally to 8-bit pixels, then vertically, each direction left out when its size stays.
/// Only the window is computed, and of the input only the rows that count for it.
/// </summary>
internal static unsafe class PillowResampler
{
    /// <summary>Resamples <paramref name="rows"/> and hands the window's rows to <paramref name="sink"/>.</summary>
    internal static void Run<TSink>(PixelRows rows, in PicturePlan plan, ResizeFilter filter, SimdWidth width, ref TSink sink)
        where TSink : IRowSink, allows ref struct
    {
        var vertical = plan.ResizedHeight == rows.Height
            ? null
            : TableCache.Get(rows.Height, plan.ResizedHeight, filter, plan.Top, plan.Height, 1, SimdWidth.Scalar).Coefficients;
        var first = vertical?.Lowest ?? plan.Top;
        var count = vertical is null ? plan.Height : vertical.Highest - first;
        var bytes = plan.Width * rows.PixelBytes;
        var stride = (bytes + 63L) & ~63L;
        using var narrowed = new PixelBuffer((count + HorizontalPass.RowsAtOnce) * stride);
        Narrow(rows, first, count, plan, filter, width, narrowed.Pointer, stride);
        if (vertical is null)
            for (var y = 0; y < plan.Height; y++)
                sink.Put(y, narrowed.Pointer + y * stride);
        else
            Flatten(vertical, first, narrowed.Pointer, stride, bytes, width, ref sink);
    }

    // Rows are made four at a time; the last block writes up to three rows of no meaning below the others.
    private static void Narrow(
        PixelRows rows, int first, int count, in PicturePlan plan, ResizeFilter filter, SimdWidth width, byte* target, long targetStride)
    {
        var table = plan.ResizedWidth == rows.Width
            ? null
            : TableCache.Get(rows.Width, plan.ResizedWidth, filter, plan.Left, plan.Width, rows.PixelBytes, width);
        for (var done = 0; done < count; done += PixelRows.MostRows)
        {
            var block = Math.Min(PixelRows.MostRows, count - done);
            var source = rows.Get(first + done, block);
            for (var row = 0; row < block; row += HorizontalPass.RowsAtOnce)
            {
                var four = new Rows4(source + row * rows.Stride, rows.Stride, Math.Min(HorizontalPass.RowsAtOnce, block - row));
                var to = target + (done + row) * targetStride;
                if (table is null)
                    Copy(four, plan.Left * rows.PixelBytes, plan.Width * rows.PixelBytes, to, targetStride);
                else
                    HorizontalPass.Run(table, rows.PixelBytes, four, to, targetStride);
            }
        }
    }

    private static void Copy(Rows4 source, int skip, int bytes, byte* target, long targetStride)
    {
        for (var row = 0; row < HorizontalPass.RowsAtOnce; row++)
            Buffer.MemoryCopy(source[row] + skip, target + row * targetStride, bytes, bytes);
    }

    private static void Flatten<TSink>(
        Coefficients vertical, int first, byte* narrowed, long stride, int bytes, SimdWidth width, ref TSink sink)
        where TSink : IRowSink, allows ref struct
    {
        using var row = new PixelBuffer(stride);
        for (var y = 0; y < vertical.Count; y++)
        {
            VerticalPass.Run(vertical, y, narrowed + (vertical.First[y] - first) * stride, stride, row.Pointer, bytes, width);
            sink.Put(y, row.Pointer);
        }
    }
}
