using System.Runtime.CompilerServices;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>
/// A picture moved away from, or towards, a degenerate one: black, its mean grey, its own grey, its blur. This is Pillow's
/// <c>ImageEnhance</c>: <c>degenerate + factor * (picture - degenerate)</c> in single precision, cut off to a byte. All change the picture in place.
/// </summary>
internal static class Blending
{
    /// <summary>0 is black, 1 the picture, 2 twice as bright.</summary>
    public static void Brightness(Picture picture, double factor) => TowardsConstant(picture, 0, (float)factor);

    /// <summary>0 is the mean grey everywhere, 1 the picture.</summary>
    public static void Contrast(Picture picture, double factor) => TowardsConstant(picture, MeanLuma(picture), (float)factor);

    /// <summary>0 is grey, 1 the picture.</summary>
    public static void Saturation(Picture picture, double factor)
    {
        if (picture.PixelBytes == 1)
            return;
        var amount = (float)factor;
        var bytes = Canvas.Bytes(picture);
        for (var i = 0; i < bytes.Length; i += 4)
        {
            var luma = GrayRows.Luma(bytes[i], bytes[i + 1], bytes[i + 2]);
            bytes[i] = Blend(luma, bytes[i], amount);
            bytes[i + 1] = Blend(luma, bytes[i + 1], amount);
            bytes[i + 2] = Blend(luma, bytes[i + 2], amount);
        }
    }

    /// <summary>0 is blurred, 1 the picture, 2 sharpened.</summary>
    public static void Sharpness(Picture picture, double factor)
    {
        using var blurred = Smoothing.Smooth(picture);
        var amount = (float)factor;
        var bytes = Canvas.Bytes(picture);
        var degenerate = Canvas.Bytes(blurred);
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = Blend(degenerate[i], bytes[i], amount);
    }

    /// <summary>Each pixel becomes its own brightness.</summary>
    public static void Grayscale(Picture picture)
    {
        if (picture.PixelBytes == 1)
            return;
        var bytes = Canvas.Bytes(picture);
        for (var i = 0; i < bytes.Length; i += 4)
            bytes[i] = bytes[i + 1] = bytes[i + 2] = GrayRows.Luma(bytes[i], bytes[i + 1], bytes[i + 2]);
    }

    // Pillow branches on factors within 0 to 1, where nothing can leave the bytes' range; the clamp then changes nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Blend(int degenerate, int value, float factor) =>
        (byte)Math.Clamp((int)(degenerate + (factor * (value - degenerate))), 0, 255);

    private static void TowardsConstant(Picture picture, int constant, float factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (var value = 0; value < table.Length; value++)
            table[value] = Blend(constant, value, factor);
        PointTables.Apply(picture, table);
    }

    private static int MeanLuma(Picture picture)
    {
        var bytes = Canvas.Bytes(picture);
        var sum = 0L;
        if (picture.PixelBytes == 1)
            foreach (var value in bytes)
                sum += value;
        else
            for (var i = 0; i < bytes.Length; i += 4)
                sum += GrayRows.Luma(bytes[i], bytes[i + 1], bytes[i + 2]);
        return (int)(((double)sum / ((long)picture.Width * picture.Height)) + 0.5);
    }
}
