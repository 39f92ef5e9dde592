using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>
/// A bitmap of 16 bits a pixel. Pillow scales 5 and 6 bits by division (v x 255 / 31, / 63), the codec by repeating the upper bits: they
/// differ by one here and there, and the upper bits tell the original.
/// </summary>
internal sealed unsafe class Bmp16
{
    private readonly byte[] _five = [.. Enumerable.Range(0, 256).Select(value => (byte)((value >> 3) * 255 / 31))];
    private readonly byte[] _green;

    private Bmp16(bool hasSixGreenBits) =>
        _green = hasSixGreenBits ? [.. Enumerable.Range(0, 256).Select(value => (byte)((value >> 2) * 255 / 63))] : _five;

    /// <summary>Null for another depth. At 28 stands the depth, at 30 the compression (3: masks given), at 58 the mask of green.</summary>
    internal static Bmp16? Of(ReadOnlySpan<byte> file)
    {
        if (file.Length < 66 || BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) != 16)
            return null;
        var hasMasks = BinaryPrimitives.ReadUInt32LittleEndian(file[30..]) == 3;
        return new(hasMasks && BinaryPrimitives.ReadUInt32LittleEndian(file[58..]) == 0x07E0);
    }

    /// <summary>Changes the codec's scaling into Pillow's.</summary>
    internal void Rescale(Picture picture)
    {
        var pixel = picture.Pixels;
        for (var left = (long)picture.Width * picture.Height; left > 0; left--, pixel += 4)
            (pixel[0], pixel[1], pixel[2]) = (_five[pixel[0]], _green[pixel[1]], _five[pixel[2]]);
    }
}
