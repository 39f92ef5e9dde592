using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>What changes each byte by itself: Pillow's <c>ImageOps</c> of that kind. All change the picture in place.</summary>
internal static class PointTables
{
    /// <summary>Replaces every byte by the table's.</summary>
    public static void Apply(Picture picture, ReadOnlySpan<byte> table)
    {
        foreach (ref var value in Canvas.Bytes(picture))
            value = table[value];
    }

    /// <summary>Keeps the upper bits of each channel.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="bits">How many, 0 to 8.</param>
    public static void Posterize(Picture picture, int bits)
    {
        var mask = (byte)~((1 << (8 - bits)) - 1);
        foreach (ref var value in Canvas.Bytes(picture))
            value &= mask;
    }

    /// <summary>Inverts what is at or over a threshold.</summary>
    public static void Solarize(Picture picture, double threshold)
    {
        foreach (ref var value in Canvas.Bytes(picture))
            value = value < threshold ? value : (byte)(255 - value);
    }

    /// <summary>Stretches each channel to the whole range.</summary>
    public static void AutoContrast(Picture picture) => EachChannel(picture, StretchTable);

    /// <summary>Makes the brightnesses of each channel equally frequent.</summary>
    public static void Equalize(Picture picture) => EachChannel(picture, EqualizeTable);

    private static void EachChannel(Picture picture, Action<int[], byte[]> write)
    {
        var (histogram, table) = (new int[256], new byte[256]);
        var bytes = Canvas.Bytes(picture);
        for (var channel = 0; channel < picture.Channels; channel++)
        {
            Array.Clear(histogram);
            for (var i = channel; i < bytes.Length; i += picture.PixelBytes)
                histogram[bytes[i]]++;
            write(histogram, table);
            for (var i = channel; i < bytes.Length; i += picture.PixelBytes)
                bytes[i] = table[bytes[i]];
        }
    }

    private static void StretchTable(int[] histogram, byte[] table)
    {
        var (low, high) = (Array.FindIndex(histogram, count => count > 0), Array.FindLastIndex(histogram, count => count > 0));
        var scale = high <= low ? 1 : 255.0 / (high - low);
        var offset = high <= low ? 0 : -low * scale;
        for (var value = 0; value < table.Length; value++)
            table[value] = (byte)Math.Clamp((int)((value * scale) + offset), 0, 255);
    }

    private static void EqualizeTable(int[] histogram, byte[] table)
    {
        var step = (histogram.Sum() - histogram[Array.FindLastIndex(histogram, count => count > 0)]) / 255;
        var n = step / 2;
        for (var value = 0; value < table.Length; value++)
        {
            table[value] = step == 0 ? (byte)value : (byte)Math.Min(n / step, 255);
            n += histogram[value];
        }
    }
}
