using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>The orientation in a block of EXIF, which has the form of a TIFF file (EXIF 2.3, tag 0x0112).</summary>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private const int Short = 3;

    /// <summary>1 to 8, or 0 when the block holds none.</summary>
    internal static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8 || exif[0] != exif[1] || exif[0] is not ((byte)'I' or (byte)'M'))
            return 0;
        var isBigEndian = exif[0] == 'M';
        var directory = isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(exif[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]);
        if (directory > exif.Length - 2)
            return 0;
        var entries = exif[(int)directory..];
        var count = UInt16(entries, isBigEndian);
        for (var at = 2; at + 12 <= entries.Length && count > 0; at += 12, count--)
            if (UInt16(entries[at..], isBigEndian) == Tag && UInt16(entries[(at + 2)..], isBigEndian) == Short)
                return UInt16(entries[(at + 8)..], isBigEndian) is var value and <= 8 ? value : 0;
        return 0;
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
