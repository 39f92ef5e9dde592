using System.Buffers.Binary;

namespace Anneal.Training.Tests.Tuning;

/// <summary>Bitmaps of 24 bits a pixel.</summary>
internal static class ColourBmp
{
    private const int Header = 54;

    /// <summary>The file of a picture.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="rgb">Its pixels, row after row from the top.</param>
    public static byte[] Of(int width, int height, ReadOnlySpan<byte> rgb)
    {
        var stride = ((3 * width) + 3) / 4 * 4;
        var file = new byte[Header + (stride * height)];
        (file[0], file[1]) = ((byte)'B', (byte)'M');
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), Header);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        (file[26], file[28]) = (1, 24);
        for (var i = 0; i < width * height; i++)
            for (var channel = 0; channel < 3; channel++)
                file[Header + ((height - 1 - (i / width)) * stride) + (i % width * 3) + 2 - channel] = rgb[(3 * i) + channel];
        return file;
    }
}
