namespace Anneal.Zoo.Images;

/// <summary>
/// What the codec does not tell about a file and the limits, memory or exactness depend on, read from its own markers. What makes no
/// sense is left to the codec to refuse.
/// </summary>
internal readonly record struct ImageHeader
{
    /// <summary>Columns the header claims; 0 when it was not understood.</summary>
    internal long Width { get; init; }

    /// <summary>Rows the header claims; 0 when it was not understood.</summary>
    internal long Height { get; init; }

    /// <summary>What the decoder holds beside the pixels it gives, an upper bound.</summary>
    internal double WorkingBytesPerPixel { get; init; }

    /// <summary>Whether rows can be decoded one after the other without holding the picture.</summary>
    internal bool CanScan { get; init; }

    /// <summary>Whether the file ends before its own end mark where the codec would not notice.</summary>
    internal bool IsCutOff { get; init; }

    /// <summary>Whether it is a PNG of one channel of 16 bits.</summary>
    internal bool IsGray16 { get; init; }

    /// <summary>EXIF's orientation where the codec does not read it; 0 leaves it to the codec.</summary>
    internal int Orientation { get; init; }

    /// <summary>Reads the headers of <paramref name="file"/>.</summary>
    internal static ImageHeader Of(ImageFormat format, ReadOnlySpan<byte> file) => format switch
    {
        ImageFormat.Jpeg => JpegMarkers.Read(file),
        ImageFormat.Png => PngChunks.Read(file),
        ImageFormat.Bmp => default,
        // Both decoders hold a whole frame of their own at worst.
        _ => new() { WorkingBytesPerPixel = 4 },
    };
}
