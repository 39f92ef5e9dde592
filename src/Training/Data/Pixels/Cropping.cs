using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>Rectangles cut out of pictures, and resized as Pillow does it.</summary>
internal static unsafe class Cropping
{
    /// <summary>A rectangle of a picture; what lies outside of the picture is black.</summary>
    public static Picture Crop(Picture picture, PixelWindow window)
    {
        var fits = window.Top >= 0 && window.Left >= 0 && window.Top + window.Height <= picture.Height && window.Left + window.Width <= picture.Width;
        var cut = fits
            ? Canvas.Blank(window.Width, window.Height, picture.PixelBytes)
            : Canvas.Filled(window.Width, window.Height, picture.PixelBytes, 0);
        var (left, right) = (Math.Max(window.Left, 0), Math.Min(window.Left + window.Width, picture.Width));
        var (top, bottom) = (Math.Max(window.Top, 0), Math.Min(window.Top + window.Height, picture.Height));
        var bytes = picture.PixelBytes;
        if (left < right)
            for (var y = top; y < bottom; y++)
                Canvas.Row(picture, y)[(left * bytes)..(right * bytes)].CopyTo(Canvas.Row(cut, y - window.Top)[((left - window.Left) * bytes)..]);
        return cut;
    }

    /// <summary>A rectangle of a picture, resized; pixels beside the rectangle count for nothing, as when it is cut out first.</summary>
    public static Picture ResizedCrop(Picture picture, PixelWindow window, int height, int width, ResizeFilter filter)
    {
        var cut = Crop(picture, window);
        return cut.Width == width && cut.Height == height ? cut : Canvas.Replace(cut, Resize(cut, height, width, filter));
    }

    private static Picture Resize(Picture picture, int height, int width, ResizeFilter filter)
    {
        var resized = Canvas.Blank(width, height, picture.PixelBytes);
        var plan = new PicturePlan(width, height, 0, 0, width, height, 0, 0, width, height);
        var sink = new CanvasSink(resized);
        using var rows = picture.Rows();
        PillowResampler.Run(rows, plan, filter, Simd.Widest, ref sink);
        return resized;
    }

    private readonly struct CanvasSink(Picture target) : IRowSink
    {
        public void Put(int y, byte* pixels) => new ReadOnlySpan<byte>(pixels, (int)target.Stride).CopyTo(Canvas.Row(target, y));
    }
}
