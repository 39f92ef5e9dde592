using System.Buffers.Binary;

namespace Anneal.Training.Tests.Data;

/// <summary>Bitmaps of one grey, 24 bits a pixel: the simplest file that is a picture.</summary>
internal static class TinyBmp
{
    private const int Header = 54;

    public static byte[] Of(int width, int height, byte value)
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
        file.AsSpan(Header).Fill(value);
        return file;
    }
}
