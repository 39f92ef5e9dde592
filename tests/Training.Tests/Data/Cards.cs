using Anneal.Zoo;

namespace Anneal.Training.Tests.Data;

/// <summary>Cards of models that tests prepare pictures for.</summary>
internal static class Cards
{
    public static ModelCard ImageNet { get; } = new()
    {
        Name = "imagenet-like",
        Summary = "What most ImageNet models ask for.",
        OutputKind = OutputKind.Logits,
        Input = new("input", [-1, 3, 224, 224]),
        Preprocessing = new()
        {
            Color = ColorOrder.Rgb,
            Orientation = OrientationPolicy.Ignore,
            Resize = new() { Mode = ResizeMode.ShorterSide, Height = 256, Width = 256, Filter = ResizeFilter.Bilinear, Style = ResizeStyle.Pillow },
            Crop = new(224, 224),
            Divide = 255,
            Mean = [0.485f, 0.456f, 0.406f],
            Std = [0.229f, 0.224f, 0.225f],
            Layout = TensorLayout.Nchw,
        },
    };

    public static ModelCard Cifar { get; } = ImageNet with
    {
        Name = "cifar-like",
        Input = new("input", [-1, 3, 32, 32]),
        Preprocessing = ImageNet.Preprocessing with { Resize = null, Crop = null, Mean = [0.4914f, 0.4822f, 0.4465f], Std = [0.2470f, 0.2435f, 0.2616f] },
    };

    public static ModelCard Mnist { get; } = ImageNet with
    {
        Name = "mnist-like",
        Input = new("input", [-1, 1, 28, 28]),
        Preprocessing = ImageNet.Preprocessing with { Color = ColorOrder.Gray, Resize = null, Crop = null, Mean = [0.1307f], Std = [0.3081f] },
    };
}
