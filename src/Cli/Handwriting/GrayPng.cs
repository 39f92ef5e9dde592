using System.Buffers.Binary;
using System.IO.Compression;

namespace Anneal.Cli.Handwriting;

/// <summary>Grey pictures as PNG files (W3C recommendation "Portable Network Graphics", third edition): eight bits a pixel, no row filters.</summary>
internal static class GrayPng
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>The file's bytes.</summary>
    /// <param name="pixels">Rows from the top, 0 for black.</param>
    /// <param name="width">Pixels in a row.</param>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width)
    {
        var height = pixels.Length / width;
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(file, "IHDR"u8, Header(width, height));
        Chunk(file, "IDAT"u8, Compress(pixels, width));
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Width, height, eight bits, grey, and the only compression, filter set and order there are.</summary>
    private static byte[] Header(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return header;
    }

    private static byte[] Compress(ReadOnlySpan<byte> pixels, int width)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            for (var start = 0; start < pixels.Length; start += width)
            {
                zlib.WriteByte(0);
                zlib.Write(pixels.Slice(start, width));
            }
        return packed.ToArray();
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        byte[] body = [.. type, .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(body));
        file.Write(number);
    }

    /// <summary>CRC-32 as the format defines it, bit by bit: the files are small.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var remainder = uint.MaxValue;
        foreach (var value in bytes)
        {
            remainder ^= value;
            for (var bit = 0; bit < 8; bit++)
                remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ Polynomial;
        }
        return ~remainder;
    }
}
