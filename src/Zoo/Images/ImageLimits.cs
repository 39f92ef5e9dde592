namespace Anneal.Zoo.Images;

/// <summary>
/// How large a picture may be. Both limits are checked against the header, before memory is taken for the pixels, so that a file of a
/// few bytes that claims 65535 x 65535 costs nothing.
/// </summary>
public sealed record ImageLimits
{
    /// <summary>178,956,970 pixels and 224 MiB.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The most pixels (width x height) a picture may have; 178,956,970 by default, where Pillow too calls it a bomb.</summary>
    public long MaxPixels { get; init; } = 178_956_970;

    /// <summary>
    /// The most bytes that one picture may hold at a time, file and decoder included; 224 MiB by default. A larger baseline JPEG is
    /// still preprocessed, a few rows at a time; other formats are refused.
    /// </summary>
    public long MaxMemoryBytes { get; init; } = 224L << 20;
}
