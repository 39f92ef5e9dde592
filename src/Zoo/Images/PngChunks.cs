using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>A PNG's chunks (PNG specification, third edition, section 11): the header, and the orientation in <c>eXIf</c>.</summary>
internal static class PngChunks
{
    private const int FirstChunk = 8;
    private const int HeaderEnd = 29;

    /// <summary>Reads IHDR and looks for eXIf.</summary>
    internal static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderEnd)
            return default;
        var (depth, colorType, isInterlaced) = (file[24], file[25], file[28] != 0);
        return new()
        {
            Width = BinaryPrimitives.ReadUInt32BigEndian(file[16..]),
            Height = BinaryPrimitives.ReadUInt32BigEndian(file[20..]),
            // An interlaced picture is put together in its own depth, at most 8 bytes a pixel.
            WorkingBytesPerPixel = isInterlaced ? 8 : 0,
            IsGray16 = depth == 16 && colorType == 0,
            Orientation = Orientation(file),
        };
    }

    private static int Orientation(ReadOnlySpan<byte> file)
    {
        for (long at = FirstChunk; at + 12 <= file.Length;)
        {
            var chunk = file[(int)at..];
            var length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..8].SequenceEqual("eXIf"u8) && length <= chunk.Length - 12)
                return ExifOrientation.Read(chunk.Slice(8, (int)length));
            at += 12L + length;
        }
        return 0;
    }
}
