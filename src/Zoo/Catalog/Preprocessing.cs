namespace Anneal.Zoo;

/// <summary>
/// How a picture becomes a model's input, as one row of facts. The steps always come in this order: orientation, colour, resize, crop,
/// then for each channel <c>(value / Divide - Mean[c]) / Std[c]</c>, written in the model's layout. Nothing has a hidden default:
/// a card states every member that matters to it.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>The order of the channels the model reads. <see cref="Mean"/> and <see cref="Std"/> are given in this order.</summary>
    public required ColorOrder Color { get; init; }

    /// <summary>What to do with a rotation that a camera stored beside the pixels.</summary>
    public required OrientationPolicy Orientation { get; init; }

    /// <summary>How the picture is resized, or null when it must already have the model's size.</summary>
    public Resize? Resize { get; init; }

    /// <summary>The size that is cut from the middle, or null for none.</summary>
    public Crop? Crop { get; init; }

    /// <summary>What a byte (0 to 255) is divided by first: 1 keeps it, 255 makes 0 to 1.</summary>
    public required float Divide { get; init; }

    /// <summary>What is subtracted from each channel after the division, in the order of <see cref="Color"/>; null subtracts nothing.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>What each channel is divided by last, in the order of <see cref="Color"/>; null divides by nothing.</summary>
    public IReadOnlyList<float>? Std { get; init; }

    /// <summary>Where the channels stand in memory.</summary>
    public required TensorLayout Layout { get; init; }
}

/// <summary>The order of channels.</summary>
public enum ColorOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red: the habit of Caffe and OpenCV.</summary>
    Bgr,

    /// <summary>One channel of brightness, Pillow's <c>L</c>.</summary>
    Gray,
}

/// <summary>What to do with an EXIF orientation other than 1.</summary>
public enum OrientationPolicy
{
    /// <summary>Leave the pixels as stored, as torchvision and Pillow's <c>Image.open</c> do; a rotated file is warned about.</summary>
    Ignore,

    /// <summary>Turn the picture upright first.</summary>
    Apply,
}

/// <summary>Where the channels stand in memory.</summary>
public enum TensorLayout
{
    /// <summary>[N,C,H,W]: a plane for each channel.</summary>
    Nchw,

    /// <summary>[N,H,W,C]: the channels of a pixel side by side.</summary>
    Nhwc,
}

/// <summary>How a picture is resized.</summary>
public sealed record Resize
{
    /// <summary>Which size is aimed at.</summary>
    public required ResizeMode Mode { get; init; }

    /// <summary>The height aimed at, in pixels; for <see cref="ResizeMode.ShorterSide"/> the shorter side.</summary>
    public required int Height { get; init; }

    /// <summary>The width aimed at, in pixels; for <see cref="ResizeMode.ShorterSide"/> equal to <see cref="Height"/>.</summary>
    public required int Width { get; init; }

    /// <summary>The filter.</summary>
    public required ResizeFilter Filter { get; init; }

    /// <summary>Which program's arithmetic is reproduced to the bit.</summary>
    public required ResizeStyle Style { get; init; }
}

/// <summary>Which size a resize aims at.</summary>
public enum ResizeMode
{
    /// <summary>The shorter side becomes the size, the longer one keeps the proportion, rounded as torchvision does.</summary>
    ShorterSide,

    /// <summary>Both sides become the size; the proportion is lost.</summary>
    Stretch,
}

/// <summary>The filters of Pillow, by its names.</summary>
public enum ResizeFilter
{
    /// <summary>The mean of the pixels covered.</summary>
    Box,

    /// <summary>A triangle, support 1.</summary>
    Bilinear,

    /// <summary>A raised cosine, support 1.</summary>
    Hamming,

    /// <summary>A cubic with a = -0.5, support 2.</summary>
    Bicubic,

    /// <summary>A sinc windowed by a sinc, support 3.</summary>
    Lanczos,
}

/// <summary>Which program's resampling is reproduced.</summary>
public enum ResizeStyle
{
    /// <summary>Pillow: the filter grows with the reduction (antialiased), 8-bit fixed-point rounding after each direction.</summary>
    Pillow,

    /// <summary>OpenCV's <c>INTER_LINEAR</c>: two pixels each way whatever the reduction, half-pixel centres, 11-bit weights.</summary>
    OpenCv,
}

/// <summary>
/// A cut from the middle. Offsets round as torchvision does (halves to even), after <see cref="ResizeStyle.OpenCv"/> they are cut off, as
/// the scripts around it do. A crop larger than the picture surrounds it with black, as torchvision does.
/// </summary>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
public sealed record Crop(int Height, int Width);
