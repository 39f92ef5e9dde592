using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>
/// A PNG with one channel of 16 bits. Pillow keeps it as integers up to 65,535 and clips them to 255 on the way to RGB; a codec of
/// 8 bits gives the high byte and loses what is needed. Its rows are the very bytes, filters included, of a picture with 8 bits of grey
/// and 8 of alpha, so the header is changed to say that: the codec's grey is then the high byte, its alpha the low one.
/// </summary>
internal static unsafe class PngGray16
{
    private const int TypeStart = 12;
    private const int HeaderEnd = 29;

    /// <summary>Changes IHDR's depth and colour type in <paramref name="file"/>, and its checksum.</summary>
    internal static void Disguise(Span<byte> file)
    {
        if (file.Length < HeaderEnd + 4)
            return;
        var wasSound = Crc(file[TypeStart..HeaderEnd]) == BinaryPrimitives.ReadUInt32BigEndian(file[HeaderEnd..]);
        (file[24], file[25]) = (8, 4);
        BinaryPrimitives.WriteUInt32BigEndian(file[HeaderEnd..], Crc(file[TypeStart..HeaderEnd]) ^ (wasSound ? 0 : 1u));
    }

    /// <summary>The grey picture behind one that was decoded in disguise, which is disposed.</summary>
    internal static Picture Clip(Picture disguised)
    {
        var gray = new PixelBuffer((long)disguised.Width * disguised.Height);
        var source = disguised.Pixels;
        for (long i = 0; i < gray.Length; i++, source += 4)
            gray.Pointer[i] = source[0] != 0 ? (byte)255 : source[3];
        var picture = new Picture(gray, disguised.Width, disguised.Height, 1, disguised.Orientation);
        disguised.Dispose();
        return picture;
    }

    // The checksum of PNG, annex D: polynomial 0xEDB88320, of a few bytes only, so bit by bit.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}
