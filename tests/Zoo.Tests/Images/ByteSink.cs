using System.Security.Cryptography;
using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Collects a resampler's rows as RGB bytes without gaps.</summary>
internal readonly unsafe struct ByteSink(int width, int height, int pixelBytes) : IRowSink
{
    internal byte[] Rgb { get; } = new byte[3 * width * height];

    public void Put(int y, byte* pixels)
    {
        for (var x = 0; x < width; x++)
            for (var channel = 0; channel < 3; channel++)
                Rgb[3 * (y * width + x) + channel] = pixels[x * pixelBytes + (pixelBytes == 1 ? 0 : channel)];
    }

    /// <summary>Resizes and cuts, as the steps of a card would.</summary>
    internal static byte[] Resample(Picture picture, Resize resize, Crop? crop, SimdWidth simd)
    {
        using var rows = picture.Rows();
        var plan = PicturePlan.For(picture.Width, picture.Height, resize, crop);
        var sink = new ByteSink(plan.Width, plan.Height, picture.PixelBytes);
        if (resize.Style == ResizeStyle.OpenCv)
            OpenCvResampler.Run(rows, plan, ref sink);
        else
            PillowResampler.Run(rows, plan, resize.Filter, simd, ref sink);
        return sink.Rgb;
    }

    internal static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static byte[] Rgb24(Picture picture)
    {
        var rgb = new byte[3 * picture.Width * picture.Height];
        picture.CopyRgbTo(rgb);
        return rgb;
    }
}
