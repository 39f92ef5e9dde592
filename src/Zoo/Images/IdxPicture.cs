using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Compression;

namespace Anneal.Zoo.Images;

/// <summary>One picture of an IDX file, written <c>FILE#INDEX</c>: <c>t10k-images-idx3-ubyte.gz#17</c>.</summary>
/// <param name="File">The IDX file, plain or gzip.</param>
/// <param name="Index">The picture, counted from 0.</param>
public sealed record IdxPicture(string File, int Index)
{
    /// <summary>Reads <c>FILE#INDEX</c>; a file that exists under the whole name is no such thing.</summary>
    public static bool TryParse(string path, [NotNullWhen(true)] out IdxPicture? picture)
    {
        ArgumentNullException.ThrowIfNull(path);
        var mark = path.LastIndexOf('#');
        picture = mark > 0 && int.TryParse(path.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && !System.IO.File.Exists(path) && System.IO.File.Exists(path[..mark])
            ? new(path[..mark], index)
            : null;
        return picture is not null;
    }

    /// <summary>How many pictures an IDX file holds, by its header; null when it is no IDX file of pictures.</summary>
    public static int? CountIn(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            var isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            using Stream content = isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
            return CountIn(content);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            // Whoever reads the file as a picture says what is wrong with it.
            return null;
        }
    }

    /// <summary><c>FILE#INDEX</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}#{Index}");

    /// <summary>Two zero bytes, type 8 (unsigned bytes), three extents of which the first is the count.</summary>
    private static int? CountIn(Stream content)
    {
        Span<byte> header = stackalloc byte[8];
        return content.ReadAtLeast(header, 8, throwOnEndOfStream: false) == 8 && header.StartsWith((ReadOnlySpan<byte>)[0, 0, 8, 3])
            && BinaryPrimitives.ReadInt32BigEndian(header[4..]) is >= 0 and var count
            ? count
            : null;
    }
}
