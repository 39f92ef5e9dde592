using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>Pictures seen through an affine matrix, of the same size, as Pillow's <c>Image.transform</c> computes them.</summary>
internal static class Warp
{
    private const double FixedLimit = 32768;

    /// <summary>The picture seen through a matrix; what lies outside of it has the brightness <paramref name="fill"/>.</summary>
    public static Picture Run(Picture picture, AffineMatrix matrix, Interpolation interpolation, byte fill)
    {
        var target = Canvas.Filled(picture.Width, picture.Height, picture.PixelBytes, fill);
        if (interpolation == Interpolation.Bilinear)
            Bilinear(picture, target, matrix);
        else if (matrix is { B: 0, D: 0 })
            Scale(picture, target, matrix);
        else if (FitsFixed(matrix, picture.Width, picture.Height))
            NearestFixed(picture, target, matrix);
        else
            Nearest(picture, target, matrix);
        return Canvas.Replace(picture, target);
    }

    private static void Bilinear(Picture source, Picture target, AffineMatrix m)
    {
        for (var y = 0; y < target.Height; y++)
        {
            var row = Canvas.Row(target, y);
            for (var x = 0; x < target.Width; x++)
            {
                var (atX, atY) = ((m.A * (x + 0.5)) + (m.B * (y + 0.5)) + m.C, (m.D * (x + 0.5)) + (m.E * (y + 0.5)) + m.F);
                if (atX >= 0 && atX < source.Width && atY >= 0 && atY < source.Height)
                    Blend(source, atX - 0.5, atY - 0.5, row.Slice(x * target.PixelBytes, target.PixelBytes));
            }
        }
    }

    // The rows above the first and below the last are those, and columns likewise.
    private static void Blend(Picture source, double atX, double atY, Span<byte> pixel)
    {
        var (x, y) = ((int)Math.Floor(atX), (int)Math.Floor(atY));
        var (partX, partY) = (atX - x, atY - y);
        var left = Math.Max(x, 0) * source.PixelBytes;
        var right = Math.Min(x + 1, source.Width - 1) * source.PixelBytes;
        var upper = Canvas.Row(source, Math.Max(y, 0));
        var lower = Canvas.Row(source, Math.Min(y + 1, source.Height - 1));
        for (var channel = 0; channel < pixel.Length; channel++)
        {
            var above = Mix(upper[left + channel], upper[right + channel], partX);
            var below = Mix(lower[left + channel], lower[right + channel], partX);
            pixel[channel] = (byte)Mix(above, below, partY);
        }
    }

    private static double Mix(double first, double second, double part) => first + ((second - first) * part);

    // Positions are summed up step by step, as there: the sum's rounding decides which pixel is nearest.
    private static void Scale(Picture source, Picture target, AffineMatrix m)
    {
        var columns = new int[target.Width];
        var at = m.C + (m.A * 0.5);
        for (var x = 0; x < columns.Length; x++, at += m.A)
            columns[x] = Inside(at, source.Width);
        at = m.F + (m.E * 0.5);
        for (var y = 0; y < target.Height; y++, at += m.E)
            if (Inside(at, source.Height) is >= 0 and var sourceY)
                for (var x = 0; x < columns.Length; x++)
                    if (columns[x] >= 0)
                        Copy(source, columns[x], sourceY, target, x, y);
    }

    private static void NearestFixed(Picture source, Picture target, AffineMatrix m)
    {
        var (a, b, d, e) = (Fixed(m.A), Fixed(m.B), Fixed(m.D), Fixed(m.E));
        var (rowX, rowY) = (Fixed(m.C + (m.A * 0.5) + (m.B * 0.5)), Fixed(m.F + (m.D * 0.5) + (m.E * 0.5)));
        for (var y = 0; y < target.Height; y++, rowX += b, rowY += e)
            for (var (x, atX, atY) = (0, rowX, rowY); x < target.Width; x++, atX += a, atY += d)
                CopyIfInside(source, atX >> 16, atY >> 16, target, x, y);
    }

    private static void Nearest(Picture source, Picture target, AffineMatrix m)
    {
        var (rowX, rowY) = (m.C + (m.B * 0.5) + (m.A * 0.5), m.F + (m.E * 0.5) + (m.D * 0.5));
        for (var y = 0; y < target.Height; y++, rowX += m.B, rowY += m.E)
            for (var (x, atX, atY) = (0, rowX, rowY); x < target.Width; x++, atX += m.A, atY += m.D)
                CopyIfInside(source, Inside(atX, source.Width), Inside(atY, source.Height), target, x, y);
    }

    private static bool FitsFixed(AffineMatrix m, int width, int height) =>
        IsWithinFixed(m, 0, 0) && IsWithinFixed(m, width, height) && IsWithinFixed(m, 0, height) && IsWithinFixed(m, width, 0);

    private static bool IsWithinFixed(AffineMatrix m, double x, double y) =>
        Math.Abs((x * m.A) + (y * m.B) + m.C) < FixedLimit && Math.Abs((x * m.D) + (y * m.E) + m.F) < FixedLimit;

    private static int Fixed(double value) => (int)Math.Floor((value * 65536) + 0.5);

    private static int Inside(double at, int size) => at >= 0 && at < size ? (int)at : -1;

    private static void CopyIfInside(Picture source, int sourceX, int sourceY, Picture target, int x, int y)
    {
        if (sourceX >= 0 && sourceX < source.Width && sourceY >= 0 && sourceY < source.Height)
            Copy(source, sourceX, sourceY, target, x, y);
    }

    private static void Copy(Picture source, int sourceX, int sourceY, Picture target, int x, int y)
    {
        var bytes = source.PixelBytes;
        Canvas.Row(source, sourceY).Slice(sourceX * bytes, bytes).CopyTo(Canvas.Row(target, y).Slice(x * bytes, bytes));
    }
}
