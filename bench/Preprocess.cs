using System.Diagnostics;
using System.Globalization;
using Anneal.Zoo;
using Anneal.Zoo.Images;
using SkiaSharp;

namespace Anneal.Bench;

/// <summary>
/// What preparing a photo costs beside decoding it: resize, crop and normalise of 40 photos against SkiaSharp's bare decoding of the
/// same 40, one thread, files in memory, pixels into memory that is there already.
/// </summary>
internal static class Preprocess
{
    private static readonly Preprocessing Card = new()
    {
        Color = ColorOrder.Rgb,
        Orientation = OrientationPolicy.Ignore,
        Resize = new() { Mode = ResizeMode.ShorterSide, Height = 256, Width = 256, Filter = ResizeFilter.Bilinear, Style = ResizeStyle.Pillow },
        Crop = new(224, 224),
        Divide = 255,
        Mean = [0.485f, 0.456f, 0.406f],
        Std = [0.229f, 0.224f, 0.225f],
        Layout = TensorLayout.Nchw,
    };

    /// <summary>Runs the comparison: <c>preprocess FOLDER [PAIRS]</c>, the folder being one of photos.</summary>
    internal static int Run(string[] args)
    {
        if (args is not [var folder, ..] || !Directory.Exists(folder))
        {
            Console.Error.WriteLine("Usage: preprocess FOLDER [PAIRS]. The folder holds the photos, such as shared/data/images/labelled.");
            return 2;
        }
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray();
        var encoded = files.Select(File.ReadAllBytes).ToArray();
        var pictures = files.Select(file => ImageFile.Read(file)).ToArray();
        var preprocessor = new Preprocessor(Card);
        var slot = new float[preprocessor.SlotLength];
        var memory = new byte[pictures.Max(picture => 4 * picture.Width * picture.Height)];
        new SideBySide(
            $"{files.Length} photos, resize 256, crop 224, normalise", "ms a photo",
            ("SkiaSharp decode", () => Time(encoded, bytes => Decode(bytes, memory))),
            ("resize + crop + normalise", () => Time(pictures, picture => preprocessor.Run(picture, slot))))
            .Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 21);
        foreach (var picture in pictures)
            picture.Dispose();
        return 0;
    }

    private static double Time<T>(T[] items, Action<T> act)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var item in items)
            act(item);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / items.Length;
    }

    private static unsafe void Decode(byte[] encoded, byte[] memory)
    {
        fixed (byte* source = encoded, target = memory)
        {
            using var data = SKData.Create((nint)source, encoded.Length);
            using var codec = SKCodec.Create(data);
            var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            if (codec.GetPixels(info, (nint)target, info.RowBytes, SKCodecOptions.Default) != SKCodecResult.Success)
                throw new InvalidOperationException("A photo could not be decoded.");
        }
    }
}
