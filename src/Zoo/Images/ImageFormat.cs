using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>The format of an image file, told from its first bytes; the file's name does not matter.</summary>
public enum ImageFormat
{
    /// <summary>JPEG, baseline or progressive.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>GIF; the first picture of an animation counts.</summary>
    Gif,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>WebP, lossy or lossless.</summary>
    WebP,
}

/// <summary>Tells formats apart.</summary>
internal static class ImageSignature
{
    /// <summary>How many bytes of a file are enough to tell.</summary>
    internal const int Length = 32;

    /// <summary>The format that is read, or null.</summary>
    internal static ImageFormat? Readable(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => ImageFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => ImageFormat.Gif,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        _ => null,
    };

    /// <summary>The format's own spelling of its name.</summary>
    internal static string Name(ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>What a file that is not read seems to be and what to do, for an error that helps; null when nobody knows.</summary>
    internal static string? Advice(ReadOnlySpan<byte> start) =>
        Picture(start) is { } picture ? $"is {picture}, which is not read here; convert it to PNG or JPEG"
        : Text(start) is { } text ? $"is {text}, not an image"
        : null;

    private static string? Picture(ReadOnlySpan<byte> start) => start switch
    {
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => "a TIFF picture",
        [0, 0, 1, 0, ..] => "an icon (ICO)",
        [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "a Photoshop document",
        [0xFF, 0x0A, ..] => "a JPEG XL picture",
        [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', ..] => "a JPEG XL picture",
        [0, 0, 0, 12, (byte)'j', (byte)'P', ..] => "a JPEG 2000 picture",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "a PDF document",
        [(byte)'P', >= (byte)'1' and <= (byte)'7', (byte)'\n' or (byte)' ', ..] => "a PNM picture",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => IsoMedia(BinaryPrimitives.ReadUInt32BigEndian(start[8..])),
        _ => null,
    };

    private static string IsoMedia(uint brand) => brand switch
    {
        0x61766966 or 0x61766973 => "an AVIF picture",
        0x68656963 or 0x68656978 or 0x6D696631 or 0x68657663 => "a HEIC picture",
        _ => "a film or a picture of the ISO base media family",
    };

    private static string? Text(ReadOnlySpan<byte> start)
    {
        var text = start.TrimStart("\uFEFF \t\r\n"u8);
        return text.StartsWith("<svg"u8) || text.StartsWith("<?xml"u8) ? "an SVG or XML text"
            : text.StartsWith("<!"u8) || text.StartsWith("<html"u8) ? "an HTML page"
            : text.StartsWith("version https://git-lfs"u8) ? "a Git LFS pointer, not the file it points to"
            : null;
    }
}
