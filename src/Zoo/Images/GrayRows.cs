namespace Anneal.Zoo.Images;

/// <summary>Rows of colour turned to brightness, as Pillow's <c>convert("L")</c>: ITU-R 601-2 luma with weights of 16 fractional bits.</summary>
internal sealed unsafe class GrayRows(PixelRows color) : PixelRows
{
    private readonly PixelBuffer _strip = new((long)MostRows * color.Width);

    internal override int Width => color.Width;

    internal override int Height => color.Height;

    internal override int PixelBytes => 1;

    /// <summary>The brightness of one pixel.</summary>
    internal static byte Luma(int red, int green, int blue) => (byte)((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);

    internal override byte* Get(int first, int count)
    {
        var source = color.Get(first, count);
        var target = _strip.Pointer;
        for (var left = (long)count * Width; left > 0; left--, source += 4)
            *target++ = Luma(source[0], source[1], source[2]);
        return _strip.Pointer;
    }

    public override void Dispose()
    {
        _strip.Dispose();
        color.Dispose();
    }
}
