using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>Pictures blurred, as Pillow does it.</summary>
internal static class Smoothing
{
    private const int GaussianPasses = 3;

    /// <summary>The 3 x 3 filter <c>SMOOTH</c>: the pixel counts five times, its eight neighbours once. The border stays as it is.</summary>
    public static Picture Smooth(Picture picture)
    {
        var smooth = Canvas.Blank(picture.Width, picture.Height, picture.PixelBytes);
        Canvas.Bytes(picture).CopyTo(Canvas.Bytes(smooth));
        var step = picture.PixelBytes;
        for (var y = 1; y < picture.Height - 1; y++)
        {
            var target = Canvas.Row(smooth, y);
            for (var i = step; i < target.Length - step; i++)
                target[i] = Weigh(Canvas.Row(picture, y - 1), Canvas.Row(picture, y), Canvas.Row(picture, y + 1), i, step);
        }
        return smooth;
    }

    /// <summary>
    /// Three extended box filters in each direction (Gwosdek, Grewenig, Bruhn, Weickert, "Theoretical Foundations of Gaussian Convolution by
    /// Extended Box Filtering", 2011). In place.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="deviation">The standard deviation of the Gaussian, in pixels.</param>
    public static void Gaussian(Picture picture, double deviation)
    {
        var box = BoxFilter.Of((float)deviation, GaussianPasses);
        for (var y = 0; y < picture.Height; y++)
            for (var channel = 0; channel < picture.Channels; channel++)
                box.Run(Canvas.Bytes(picture), (int)(y * picture.Stride) + channel, picture.PixelBytes, picture.Width, GaussianPasses);
        for (var x = 0; x < picture.Width; x++)
            for (var channel = 0; channel < picture.Channels; channel++)
                box.Run(Canvas.Bytes(picture), (x * picture.PixelBytes) + channel, (int)picture.Stride, picture.Height, GaussianPasses);
    }

    // Sums in single precision in Pillow's order: its rounding of the weights shows.
    private static byte Weigh(ReadOnlySpan<byte> above, ReadOnlySpan<byte> here, ReadOnlySpan<byte> below, int i, int step)
    {
        const float One = 1f / 13, Five = 5f / 13;
        var sum = 0.5f;
        sum += (below[i - step] * One) + (below[i] * One) + (below[i + step] * One);
        sum += (here[i - step] * One) + (here[i] * Five) + (here[i + step] * One);
        sum += (above[i - step] * One) + (above[i] * One) + (above[i + step] * One);
        return (byte)Math.Clamp((int)sum, 0, 255);
    }
}
