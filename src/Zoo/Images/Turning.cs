namespace Anneal.Zoo.Images;

/// <summary>Turning stored pixels upright (EXIF 2.3, tag 0x0112, as Pillow's <c>ImageOps.exif_transpose</c>).</summary>
internal static unsafe class Turning
{
    // A tile's lines of source and target both stay in the first cache.
    private const int Tile = 32;

    /// <summary>The picture upright: a new one, for an orientation of 2 to 8.</summary>
    internal static Picture Upright(Picture picture)
    {
        var swaps = picture.Orientation >= 5;
        var (width, height) = swaps ? (picture.Height, picture.Width) : (picture.Width, picture.Height);
        var buffer = new PixelBuffer((long)width * height * picture.PixelBytes);
        var (origin, right, down) = Steps(picture);
        for (var top = 0; top < height; top += Tile)
            for (var left = 0; left < width; left += Tile)
                for (var y = top; y < Math.Min(top + Tile, height); y++)
                    Line(picture, origin + y * down, right, buffer.Pointer, (long)y * width, left, Math.Min(left + Tile, width));
        return new(buffer, width, height, picture.PixelBytes);
    }

    // Where the upright picture's first pixel is stored, and how far its right and lower neighbours are from it, in pixels.
    private static (long Origin, long Right, long Down) Steps(Picture picture)
    {
        long width = picture.Width;
        var (lastColumn, lastRow) = (width - 1, (picture.Height - 1) * width);
        return picture.Orientation switch
        {
            2 => (lastColumn, -1, width),
            3 => (lastRow + lastColumn, -1, -width),
            4 => (lastRow, 1, -width),
            5 => (0, width, 1),
            6 => (lastRow, -width, 1),
            7 => (lastRow + lastColumn, -width, -1),
            8 => (lastColumn, width, -1),
            _ => (0, 1, width),
        };
    }

    private static void Line(Picture picture, long origin, long right, byte* target, long row, int from, int to)
    {
        if (picture.PixelBytes == 4)
            for (var x = from; x < to; x++)
                ((uint*)target)[row + x] = ((uint*)picture.Pixels)[origin + x * right];
        else
            for (var x = from; x < to; x++)
                target[row + x] = picture.Pixels[origin + x * right];
    }
}
