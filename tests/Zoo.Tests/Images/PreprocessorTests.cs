using Anneal.Onnx;
using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>From pictures to a model's numbers.</summary>
public sealed class PreprocessorTests
{
    public static TheoryData<string, string> Conventions =>
    [
        .. from card in new[] { "TorchVision", "Caffe", "Lite", "Mnist" } from simd in Enum.GetNames<SimdWidth>() select (card, simd),
    ];

    [Theory, MemberData(nameof(Conventions))]
    public void Numbers_are_float32_arithmetic_on_the_resampled_bytes(string card, string simd)
    {
        var steps = Card(card);
        foreach (var channels in new[] { 1, 3 })
        {
            using var picture = Cards.Noise(301, 290, channels);
            var preprocessor = Create(steps, Enum.Parse<SimdWidth>(simd));
            var slot = new float[preprocessor.SlotLength];
            preprocessor.Run(picture, slot);
            using var source = steps.Color == ColorOrder.Gray ? Luma(picture) : null;
            var bytes = ByteSink.Resample(source ?? picture, steps.Resize!, steps.Crop, SimdWidth.Scalar);
            for (var i = 0; i < bytes.Length; i++)
                if (Channel(steps, i % 3) is var channel and >= 0)
                    Assert.Equal(Number(steps, channel, bytes[i]), slot[Place(preprocessor, steps, i / 3, channel)]);
        }
    }

    [Fact]
    public void A_cifar_picture_keeps_its_size()
    {
        using var picture = Cards.Noise(32, 32);
        var slot = new float[3 * 32 * 32];
        new Preprocessor(Cards.Cifar, 32, 32).Run(picture, slot);
        var rgb = ByteSink.Rgb24(picture);
        Assert.Equal((rgb[3] / 255f - 0.4914f) / 0.2470f, slot[1]);
        using var other = Cards.Noise(33, 32);
        var error = Assert.Throws<InvalidImageException>(() => new Preprocessor(Cards.Cifar, 32, 32).Run(other, slot));
        Assert.Equal("The picture is 33 x 32 and becomes 33 x 32; the model takes 32 x 32. Resize or crop it in the card's preprocessing.", error.Message);
    }

    [Fact]
    public void A_crop_beyond_the_picture_is_black_around_it()
    {
        using var picture = Picture.FromPixels(1, 1, [255, 0, 255]);
        var slot = new float[3 * 3 * 3];
        new Preprocessor(Cards.TorchVision with { Resize = null, Crop = new(3, 3), Mean = [0.5f, 0.5f, 0.5f], Std = null }).Run(picture, slot);
        Assert.Equal([-0.5f, -0.5f, -0.5f, -0.5f, 0.5f, -0.5f, -0.5f, -0.5f, -0.5f], slot[..9]);
        Assert.Equal(-0.5f, slot[13]);
    }

    [Theory, InlineData("labelled", "n01440764_tench.JPEG"), InlineData("odd", "gray-tower-512.jpg"), InlineData("odd", "cmyk-adobe-icc-500x333.jpg")]
    public void Rows_decoded_in_parts_give_the_same_numbers(string folder, string name)
    {
        var path = TestData.Require("images", folder, name);
        var small = new ImageLimits { MaxMemoryBytes = new FileInfo(path).Length + 4096 };
        foreach (var steps in new[] { Cards.TorchVision, Cards.Caffe, Cards.Lite, Cards.Mnist })
        {
            var (whole, parts) = (new Preprocessor(steps), new Preprocessor(steps, small));
            var (expected, actual) = (new float[whole.SlotLength], new float[whole.SlotLength]);
            whole.Read(path, expected);
            parts.Read(path, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Theory, InlineData("progressive-cat.jpg"), InlineData("png-rgba.png"), InlineData("webp-lossy.webp"), InlineData("gif-animated.gif")]
    public void What_cannot_be_decoded_in_parts_is_refused_above_the_memory_limit(string name)
    {
        var path = TestData.Require("images", "odd", name);
        var preprocessor = new Preprocessor(Cards.TorchVision, new ImageLimits { MaxMemoryBytes = new FileInfo(path).Length + 1024 });
        var error = Assert.Throws<InvalidImageException>(() => preprocessor.Read(path, new float[preprocessor.SlotLength]));
        Assert.Contains("MiB allowed; scale it down, save it as a baseline JPEG, or raise ImageLimits.MaxMemoryBytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_share_one_preprocessor()
    {
        var preprocessor = new Preprocessor(Cards.TorchVision);
        var photos = PillowReference.Load().Photos.Take(8).Select(photo => TestData.Require("images", "labelled", photo.File)).ToArray();
        var alone = photos.Select(photo => Numbers(preprocessor, photo)).ToArray();
        var together = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => (Index: i % 8, Slot: Numbers(preprocessor, photos[i % 8])))));
        Assert.All(together, result => Assert.Equal(alone[result.Index], result.Slot));
    }

    [Fact]
    public void A_photo_allocates_little()
    {
        var preprocessor = new Preprocessor(Cards.TorchVision);
        using var picture = Cards.Noise(500, 375);
        var slot = new float[preprocessor.SlotLength];
        preprocessor.Run(picture, slot);
        var before = GC.GetAllocatedBytesForCurrentThread();
        preprocessor.Run(picture, slot);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    public static TheoryData<string, string> Contradictions => new()
    {
        { "mean", "Preprocessing: Mean has 1 numbers; Rgb has 3 channels." },
        { "std", "Preprocessing: Std holds 0; it must be a number other than 0." },
        { "divide", "Preprocessing: Divide is 0; it must be a number other than 0: 255 for 0 to 1, 1 to keep bytes." },
        { "color", "Preprocessing: 9 is no ColorOrder; there are Rgb, Bgr, Gray." },
        { "shorter", "Preprocessing: Resize to a shorter side needs equal Height and Width; they are 256 and 255." },
        { "opencv", "Preprocessing: of OpenCV's filters only Bilinear is computed, not Lanczos." },
        { "crop", "Preprocessing: Crop is 0 x 224 (height x width); each side must be 1 to 16384." },
        { "size", "Preprocessing: Crop gives 224 x 224 (height x width); the model takes 32 x 32." },
        { "open", "Preprocessing: the steps fix no size (no crop, no stretch); state the height and width of the model's input." },
    };

    [Theory, MemberData(nameof(Contradictions))]
    public void Steps_that_contradict_themselves_are_refused_at_once(string what, string message)
    {
        var good = Cards.TorchVision;
        var error = Assert.Throws<AnnealException>(() => what switch
        {
            "mean" => new Preprocessor(good with { Mean = [1] }),
            "std" => new Preprocessor(good with { Std = [1, 0, 1] }),
            "divide" => new Preprocessor(good with { Divide = 0 }),
            "color" => new Preprocessor(good with { Color = (ColorOrder)9 }),
            "shorter" => new Preprocessor(good with { Resize = good.Resize! with { Width = 255 } }),
            "opencv" => new Preprocessor(good with { Resize = good.Resize! with { Style = ResizeStyle.OpenCv, Filter = ResizeFilter.Lanczos } }),
            "crop" => new Preprocessor(good with { Crop = new(0, 224) }, 224, 224),
            "size" => new Preprocessor(good, 32, 32),
            _ => new Preprocessor(Cards.Cifar),
        });
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void A_slot_of_another_length_is_refused()
    {
        using var picture = Cards.Noise(4, 4);
        var error = Assert.Throws<ShapeMismatchException>(() => new Preprocessor(Cards.TorchVision).Run(picture, new float[5]));
        Assert.Equal("The slot holds 5 numbers; 3 x 224 x 224 = 150528 are written.", error.Message);
    }

    private static Preprocessing Card(string name) => name switch
    {
        "Caffe" => Cards.Caffe,
        "Lite" => Cards.Lite,
        "Mnist" => Cards.Mnist,
        _ => Cards.TorchVision,
    };

    private static Preprocessor Create(Preprocessing steps, SimdWidth simd) =>
        new(steps, steps.Crop?.Height ?? steps.Resize!.Height, steps.Crop?.Width ?? steps.Resize!.Width, null, simd);

    private static Picture Luma(Picture picture)
    {
        var rgb = ByteSink.Rgb24(picture);
        return Picture.FromPixels(picture.Width, picture.Height,
            rgb.Chunk(3).Select(pixel => (byte)((pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16)).ToArray());
    }

    private static int Channel(Preprocessing steps, int rgb) => steps.Color switch
    {
        ColorOrder.Rgb => rgb,
        ColorOrder.Bgr => 2 - rgb,
        _ => rgb == 0 ? 0 : -1,
    };

    private static float Number(Preprocessing steps, int channel, byte value)
    {
        var divided = value / steps.Divide;
        var centred = divided - (steps.Mean?[channel] ?? 0);
        return centred / (steps.Std?[channel] ?? 1);
    }

    private static int Place(Preprocessor preprocessor, Preprocessing steps, int pixel, int channel) => steps.Layout == TensorLayout.Nchw
        ? channel * preprocessor.Height * preprocessor.Width + pixel
        : pixel * preprocessor.Channels + channel;

    private static float[] Numbers(Preprocessor preprocessor, string path)
    {
        var slot = new float[preprocessor.SlotLength];
        preprocessor.Read(path, slot);
        return slot;
    }
}
