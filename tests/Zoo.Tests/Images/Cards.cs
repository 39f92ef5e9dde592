using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>The conventions that the catalogue's cards use.</summary>
internal static class Cards
{
    internal static Preprocessing TorchVision { get; } = new()
    {
        Color = ColorOrder.Rgb,
        Orientation = OrientationPolicy.Ignore,
        Resize = Shorter(256, ResizeStyle.Pillow),
        Crop = new(224, 224),
        Divide = 255,
        Mean = [0.485f, 0.456f, 0.406f],
        Std = [0.229f, 0.224f, 0.225f],
        Layout = TensorLayout.Nchw,
    };

    internal static Preprocessing Caffe { get; } = new()
    {
        Color = ColorOrder.Bgr,
        Orientation = OrientationPolicy.Ignore,
        Resize = Stretch(224, 224, ResizeFilter.Bilinear),
        Divide = 1,
        Mean = [103.939f, 116.779f, 123.68f],
        Layout = TensorLayout.Nchw,
    };

    internal static Preprocessing Lite { get; } = new()
    {
        Color = ColorOrder.Rgb,
        Orientation = OrientationPolicy.Ignore,
        Resize = Shorter(256, ResizeStyle.OpenCv),
        Crop = new(224, 224),
        Divide = 1,
        Mean = [127, 127, 127],
        Std = [128, 128, 128],
        Layout = TensorLayout.Nhwc,
    };

    internal static Preprocessing Cifar { get; } = new()
    {
        Color = ColorOrder.Rgb,
        Orientation = OrientationPolicy.Ignore,
        Divide = 255,
        Mean = [0.4914f, 0.4822f, 0.4465f],
        Std = [0.2470f, 0.2435f, 0.2616f],
        Layout = TensorLayout.Nchw,
    };

    internal static Preprocessing Mnist { get; } = new()
    {
        Color = ColorOrder.Gray,
        Orientation = OrientationPolicy.Ignore,
        Resize = Stretch(28, 28, ResizeFilter.Bilinear),
        Divide = 255,
        Layout = TensorLayout.Nchw,
    };

    internal static Resize Shorter(int side, ResizeStyle style) => new()
    {
        Mode = ResizeMode.ShorterSide,
        Height = side,
        Width = side,
        Filter = ResizeFilter.Bilinear,
        Style = style,
    };

    internal static Resize Stretch(int height, int width, ResizeFilter filter, ResizeStyle style = ResizeStyle.Pillow) => new()
    {
        Mode = ResizeMode.Stretch,
        Height = height,
        Width = width,
        Filter = filter,
        Style = style,
    };

    /// <summary>A picture of noise, always the same for one size.</summary>
    internal static Picture Noise(int width, int height, int channels = 3)
    {
        var pixels = new byte[width * height * channels];
        new Random(width * 31 + height).NextBytes(pixels);
        return Picture.FromPixels(width, height, pixels);
    }
}
