using System.Buffers.Binary;
using System.IO.Compression;
using Anneal.Onnx;

namespace Anneal.Zoo.Images;

/// <summary>The element types of an IDX file, by the number in its third byte.</summary>
public enum IdxType
{
    /// <summary>Unsigned bytes: pictures and labels.</summary>
    UInt8 = 0x08,

    /// <summary>Signed bytes.</summary>
    Int8 = 0x09,

    /// <summary>16-bit integers.</summary>
    Int16 = 0x0B,

    /// <summary>32-bit integers.</summary>
    Int32 = 0x0C,

    /// <summary>Single precision.</summary>
    Float32 = 0x0D,

    /// <summary>Double precision.</summary>
    Float64 = 0x0E,
}

/// <summary>
/// An IDX file, the format of MNIST: two zero bytes, a type, the number of extents, the extents as big-endian 32-bit numbers, then the
/// elements, big-endian, row-major. Plain or gzip, told apart by content. The header is checked against the length before memory is taken.
/// </summary>
public sealed class Idx
{
    private const int MostExtents = 8;

    // Deflate makes at most 1,032 bytes of one: a small file that claims gigabytes is refused without trying.
    private const long MostExpansion = 1032;

    private readonly byte[] _bytes;
    private readonly int[] _shape;

    private Idx(IdxType type, int[] shape, byte[] bytes) => (Type, _shape, _bytes) = (type, shape, bytes);

    /// <summary>The element type.</summary>
    public IdxType Type { get; }

    /// <summary>The extents, outermost first: [60000, 28, 28] for pictures, [60000] for labels.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The elements as stored: big-endian, row-major.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="maxBytes">The most bytes of elements to accept; 1 GiB by default.</param>
    /// <exception cref="InvalidImageException">It is not there, no IDX file, cut off, longer than its header says, or too large.</exception>
    public static Idx Read(string path, long maxBytes = 1L << 30)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return Read(file, path, maxBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidImageException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads a stream that can seek, from its start.</summary>
    /// <inheritdoc cref="Read(string, long)"/>
    /// <param name="stream">The file, plain or gzip; it stays open.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="maxBytes">The most bytes of elements to accept; 1 GiB by default.</param>
    public static Idx Read(Stream stream, string name, long maxBytes = 1L << 30)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Position = 0;
        var isGzip = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        if (!isGzip)
            return Parse(stream, name, Math.Min(maxBytes, stream.Length));
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return Parse(unpacked, name, Math.Min(maxBytes, MostExpansion * stream.Length));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidImageException($"{name} is gzip that is damaged: {error.Message}", error);
        }
    }

    /// <summary>Picture <paramref name="index"/> of a file [count, height, width] of bytes.</summary>
    /// <exception cref="AnnealException">The file holds no pictures.</exception>
    public Picture Picture(int index)
    {
        if (Type != IdxType.UInt8 || _shape.Length != 3)
            throw new AnnealException($"These IDX data are {Type} [{string.Join(',', _shape)}]; pictures are UInt8 [count,height,width].");
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _shape[0]);
        var pixels = _shape[1] * _shape[2];
        return Images.Picture.FromPixels(_shape[2], _shape[1], _bytes.AsSpan(index * pixels, pixels));
    }

    /// <summary>The labels of a file [count] of bytes.</summary>
    /// <exception cref="AnnealException">The file holds no labels.</exception>
    public ReadOnlySpan<byte> Labels => Type == IdxType.UInt8 && _shape.Length == 1
        ? _bytes
        : throw new AnnealException($"These IDX data are {Type} [{string.Join(',', _shape)}]; labels are UInt8 [count].");

    private static Idx Parse(Stream stream, string name, long available)
    {
        Span<byte> header = stackalloc byte[4 + 4 * MostExtents];
        if (stream.ReadAtLeast(header[..4], 4, throwOnEndOfStream: false) < 4 || header[0] != 0 || header[1] != 0)
            throw new InvalidImageException($"{name} is no IDX file: it does not start with two zero bytes, a type and a number of extents.");
        var (type, rank) = ((IdxType)header[2], header[3]);
        if (!Enum.IsDefined(type) || rank is 0 or > MostExtents)
            throw new InvalidImageException($"{name} is no IDX file: type 0x{header[2]:X2} or {rank} extents make no sense.");
        if (stream.ReadAtLeast(header[..(4 * rank)], 4 * rank, throwOnEndOfStream: false) < 4 * rank)
            throw new InvalidImageException($"{name} is cut off: it ends within its header.");
        var shape = new int[rank];
        for (var i = 0; i < rank; i++)
            shape[i] = BinaryPrimitives.ReadInt32BigEndian(header[(4 * i)..]);
        var bytes = new byte[Length(shape, type, name, available)];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidImageException($"{name} is cut off: its header says [{string.Join(',', shape)}] of {type}, {bytes.Length} bytes, and fewer are there.");
        return stream.ReadByte() < 0
            ? new(type, shape, bytes)
            : throw new InvalidImageException($"{name} is longer than its header says: [{string.Join(',', shape)}] of {type} are {bytes.Length} bytes.");
    }

    private static long Length(int[] shape, IdxType type, string name, long available)
    {
        long length = type switch { IdxType.UInt8 or IdxType.Int8 => 1, IdxType.Int16 => 2, IdxType.Int32 or IdxType.Float32 => 4, _ => 8 };
        foreach (var extent in shape)
            if (extent < 0 || (length *= extent) > available)
                throw new InvalidImageException(
                    $"{name}: its header says [{string.Join(',', shape)}] of {type}, more than the {available} bytes that are there or allowed.");
        return length;
    }
}
