using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>New pictures to draw on.</summary>
internal static unsafe class Canvas
{
    /// <summary>A picture whose pixels are whatever the memory held.</summary>
    public static Picture Blank(int width, int height, int pixelBytes) =>
        new(new PixelBuffer((long)width * height * pixelBytes), width, height, pixelBytes);

    /// <summary>A picture of one brightness.</summary>
    public static Picture Filled(int width, int height, int pixelBytes, byte value)
    {
        var picture = Blank(width, height, pixelBytes);
        Bytes(picture).Fill(value);
        return picture;
    }

    /// <summary>All bytes of a picture, row after row without gaps.</summary>
    public static Span<byte> Bytes(Picture picture) => new(picture.Pixels, checked((int)(picture.Stride * picture.Height)));

    /// <summary>The bytes of a row.</summary>
    public static Span<byte> Row(Picture picture, int y) => new(picture.Pixels + (y * picture.Stride), (int)picture.Stride);

    /// <summary>The brightness of each pixel, one byte a pixel.</summary>
    public static Picture Gray(Picture color)
    {
        var gray = Blank(color.Width, color.Height, 1);
        var source = Bytes(color);
        var target = Bytes(gray);
        for (var i = 0; i < target.Length; i++)
            target[i] = GrayRows.Luma(source[4 * i], source[(4 * i) + 1], source[(4 * i) + 2]);
        return gray;
    }

    /// <summary>The fresh picture in the place of an old one, which is given back.</summary>
    public static Picture Replace(Picture old, Picture fresh)
    {
        old.Dispose();
        return fresh;
    }
}
