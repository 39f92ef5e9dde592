namespace Anneal.Zoo.Images;

/// <summary>
/// Resizing as OpenCV's <c>resize</c> with <c>INTER_LINEAR</c> does it for 8-bit pictures: two pixels each way whatever the reduction,
/// pixel centres at halves, weights of 11 fractional bits rounded to even. Horizontal sums keep all bits; the vertical pass drops 4
/// before its product, 16 after, and rounds the last 2. An exact halving of both sides becomes the mean of 2 x 2 pixels, as there.
/// </summary>
internal static unsafe class OpenCvResampler
{
    private const int One = 1 << 11;

    /// <summary>Resamples <paramref name="rows"/> and hands the window's rows to <paramref name="sink"/>.</summary>
    internal static void Run<TSink>(PixelRows rows, in PicturePlan plan, ref TSink sink) where TSink : IRowSink, allows ref struct
    {
        using var target = new PixelBuffer((long)plan.Width * rows.PixelBytes + PixelBuffer.Slack);
        if (rows.Width == plan.ResizedWidth && rows.Height == plan.ResizedHeight)
            Keep(rows, plan, ref sink);
        else if (rows.Width == 2L * plan.ResizedWidth && rows.Height == 2L * plan.ResizedHeight)
            Halve(rows, plan, target.Pointer, ref sink);
        else
            Interpolate(rows, plan, target.Pointer, ref sink);
    }

    private static void Keep<TSink>(PixelRows rows, in PicturePlan plan, ref TSink sink) where TSink : IRowSink, allows ref struct
    {
        for (var y = 0; y < plan.Height; y++)
            sink.Put(y, rows.Get(plan.Top + y, 1) + (long)plan.Left * rows.PixelBytes);
    }

    private static void Halve<TSink>(PixelRows rows, in PicturePlan plan, byte* target, ref TSink sink)
        where TSink : IRowSink, allows ref struct
    {
        var pixelBytes = rows.PixelBytes;
        for (var y = 0; y < plan.Height; y++)
        {
            var above = rows.Get(2 * (plan.Top + y), 2) + 2L * plan.Left * pixelBytes;
            var below = above + rows.Stride;
            for (var i = 0; i < plan.Width * pixelBytes; i++)
            {
                var at = 2 * i - i % pixelBytes;
                target[i] = (byte)((above[at] + above[at + pixelBytes] + below[at] + below[at + pixelBytes] + 2) >> 2);
            }
            sink.Put(y, target);
        }
    }

    // Two horizontally interpolated rows are kept; going down, the lower often becomes the upper.
    private static void Interpolate<TSink>(PixelRows rows, in PicturePlan plan, byte* target, ref TSink sink)
        where TSink : IRowSink, allows ref struct
    {
        var columns = new Place[plan.Width];
        for (var x = 0; x < columns.Length; x++)
            columns[x] = Place.Column(plan.Left + x, rows.Width, plan.ResizedWidth);
        var bytes = plan.Width * rows.PixelBytes;
        var (upper, lower) = (new int[bytes], new int[bytes]);
        var (upperRow, lowerRow) = (-1, -1);
        for (var y = 0; y < plan.Height; y++)
        {
            var place = Place.Row(plan.Top + y, rows.Height, plan.ResizedHeight);
            if (place.First == lowerRow)
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
            if (upperRow != place.First)
                Widen(rows.Get(upperRow = place.First, 1), rows.PixelBytes, columns, upper);
            if (lowerRow != place.Second && place.Second != place.First)
                Widen(rows.Get(lowerRow = place.Second, 1), rows.PixelBytes, columns, lower);
            Blend(upper, place.Second == place.First ? upper : lower, place, target);
            sink.Put(y, target);
        }
    }

    private static void Widen(byte* row, int pixelBytes, ReadOnlySpan<Place> columns, Span<int> sums)
    {
        var i = 0;
        foreach (var place in columns)
        {
            var first = row + (long)place.First * pixelBytes;
            var second = row + (long)place.Second * pixelBytes;
            for (var channel = 0; channel < pixelBytes; channel++)
                sums[i++] = first[channel] * place.FirstWeight + second[channel] * place.SecondWeight;
        }
    }

    private static void Blend(ReadOnlySpan<int> upper, ReadOnlySpan<int> lower, in Place place, byte* target)
    {
        for (var i = 0; i < upper.Length; i++)
        {
            var sum = ((place.FirstWeight * (upper[i] >> 4)) >> 16) + ((place.SecondWeight * (lower[i] >> 4)) >> 16);
            target[i] = (byte)((sum + 2) >> 2);
        }
    }

    /// <summary>Two neighbours and their weights.</summary>
    private readonly record struct Place(int First, int Second, int FirstWeight, int SecondWeight)
    {
        /// <summary>At the left and right borders the weight goes wholly to the border's pixel.</summary>
        internal static Place Column(int index, int inputSize, int outputSize)
        {
            var (first, fraction) = Position(index, inputSize, outputSize);
            return first < 0 ? new(0, 0, One, 0)
                : first >= inputSize - 1 ? new(inputSize - 1, inputSize - 1, One, 0)
                : Weighed(first, first + 1, fraction);
        }

        /// <summary>At the upper and lower borders both neighbours are the border's row and keep their weights, which round on their own.</summary>
        internal static Place Row(int index, int inputSize, int outputSize)
        {
            var (first, fraction) = Position(index, inputSize, outputSize);
            return Weighed(Math.Clamp(first, 0, inputSize - 1), Math.Clamp(first + 1, 0, inputSize - 1), fraction);
        }

        // The scale is a double, the position a float: their rounding is part of the result.
        private static (int First, float Fraction) Position(int index, int inputSize, int outputSize)
        {
            var scale = 1.0 / ((double)outputSize / inputSize);
            var position = (float)((index + 0.5) * scale - 0.5);
            var first = (int)MathF.Floor(position);
            return (first, position - first);
        }

        private static Place Weighed(int first, int second, float fraction) =>
            new(first, second, (int)MathF.Round((1 - fraction) * One), (int)MathF.Round(fraction * One));
    }
}
