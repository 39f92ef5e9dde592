using System.Buffers.Binary;

namespace Anneal.Cli.Checkup;

/// <summary>A picture drawn by code: a yellow sun in a red sky over a blue sea, as a Windows bitmap, the simplest of formats.</summary>
internal static class Sunset
{
    private const int Size = RedOrBlue.Size;
    private const int HeaderBytes = 54;

    /// <summary>The file: a header, then rows from the bottom up, each pixel blue, green, red (a row of 64 needs no padding).</summary>
    public static byte[] Draw()
    {
        var file = new byte[HeaderBytes + 3 * Size * Size];
        WriteHeader(file);
        for (var y = 0; y < Size; y++)
            for (var x = 0; x < Size; x++)
            {
                var (red, green, blue) = Color(x, y);
                var pixel = file.AsSpan(HeaderBytes + 3 * ((Size - 1 - y) * Size + x), 3);
                (pixel[0], pixel[1], pixel[2]) = (blue, green, red);
            }
        return file;
    }

    private static (byte Red, byte Green, byte Blue) Color(int x, int y)
    {
        if (y >= 44)
            return (20, (byte)(60 + y % 4 * 10), 190);
        var (right, down) = (x - 32, y - 30);
        return right * right + down * down < 144 ? ((byte)255, (byte)210, (byte)60) : ((byte)(140 + 2 * y), (byte)(30 + y), (byte)60);
    }

    /// <summary>The two headers of the format: 14 bytes on the file, 40 on the picture (size, planes, bits for each pixel).</summary>
    private static void WriteHeader(Span<byte> file)
    {
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file[2..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file[10..], HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(file[14..], 40);
        BinaryPrimitives.WriteInt32LittleEndian(file[18..], Size);
        BinaryPrimitives.WriteInt32LittleEndian(file[22..], Size);
        BinaryPrimitives.WriteInt16LittleEndian(file[26..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(file[28..], 24);
        BinaryPrimitives.WriteInt32LittleEndian(file[34..], file.Length - HeaderBytes);
    }
}
