using System.Runtime.InteropServices;
using System.Text.Json;
using Anneal.Training.Data;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Data;

/// <summary>
/// Given the same parameters, augmentation is Pillow's and torchvision's to the bit: Golden/augmentation.json, recorded by
/// eng/augment-reference.py.
/// </summary>
public sealed class AugmentationGoldenTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(TestData.Checkout, "tests", "Training.Tests", "Golden", "augmentation.json"))).RootElement;

    private static readonly Dictionary<string, Func<Picture, JsonElement, Picture>> Operations = new()
    {
        ["none"] = (picture, _) => picture,
        ["brightness"] = (picture, one) => Jitter(picture, one, ColorProperty.Brightness),
        ["contrast"] = (picture, one) => Jitter(picture, one, ColorProperty.Contrast),
        ["saturation"] = (picture, one) => Jitter(picture, one, ColorProperty.Saturation),
        ["hue"] = (picture, one) => Jitter(picture, one, ColorProperty.Hue),
        ["sharpness"] = (picture, one) => new TrivialAugmentWide().Apply(picture, new(WideChangeKind.Sharpness, Numbers(one)[0] - 1)),
        ["grayscale"] = (picture, _) => new RandomGrayscale().Apply(picture, true),
        ["flipHorizontally"] = (picture, _) => new RandomHorizontalFlip().Apply(picture, true),
        ["flipVertically"] = (picture, _) => new RandomVerticalFlip().Apply(picture, true),
        ["crop"] = (picture, one) => new RandomCrop((int)Numbers(one)[2], (int)Numbers(one)[3]).Apply(picture, Window(one)),
        ["resizedCrop"] = (picture, one) =>
            new RandomResizedCrop((int)Numbers(one)[4], (int)Numbers(one)[5]) { Filter = Named<ResizeFilter>(one, "filter") }.Apply(picture, Window(one)),
        ["affine"] = (picture, one) =>
            new RandomAffine(0) { Interpolation = Named<Interpolation>(one, "interpolation"), Fill = (byte)Numbers(one)[6] }.Apply(picture, Motion(Numbers(one))),
        ["rotate"] = (picture, one) =>
            new RandomRotation(0) { Interpolation = Named<Interpolation>(one, "interpolation"), Fill = (byte)Numbers(one)[1] }.Apply(picture, Numbers(one)[0]),
        ["gaussianBlur"] = (picture, one) => new GaussianBlur(new(1, 1)).Apply(picture, Numbers(one)[0]),
        ["wide"] = (picture, one) => new TrivialAugmentWide().Apply(picture, new(Named<WideChangeKind>(one, "kind"), Numbers(one)[0])),
    };

    public static TheoryData<string> OperationNames => [.. Operations.Keys];

    [Theory, MemberData(nameof(OperationNames))]
    public void An_operation_gives_the_bytes_that_Pillow_gives(string operation)
    {
        var (wrong, count) = (new List<string>(), 0);
        foreach (var one in Golden.GetProperty("cases").EnumerateArray().Where(one => Text(one, "op") == operation))
        {
            count++;
            using var result = Operations[operation](Pattern.Of(Text(one, "pattern"), Integer(one, "width"), Integer(one, "height"), Integer(one, "channels")), one);
            if ((result.Width, result.Height) != (Integer(one, "resultWidth"), Integer(one, "resultHeight")) || Pattern.Digest(result) != Text(one, "sha256"))
                wrong.Add(one.GetRawText());
        }
        Assert.True(count >= 5, $"Only {count} cases.");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} differ:\n{string.Join('\n', wrong.Take(8))}");
    }

    [Fact]
    public void Every_recorded_operation_is_tested() =>
        Assert.Equal(Operations.Keys.Order(), Golden.GetProperty("cases").EnumerateArray().Select(one => Text(one, "op")).Distinct().Order());

    [Fact]
    public void A_part_is_chosen_by_the_rule_of_torchvision_fallback_included() =>
        Assert.All(Rules("resizedCrop"), rule =>
        {
            var uniform = Numbers(rule, "uniform");
            var crop = new RandomResizedCrop(8, 8) { Area = Range(rule) };
            Assert.Equal(Window(rule, "window"), crop.Choose(Integer(rule, "height"), Integer(rule, "width"), index => uniform[index]));
        });

    [Fact]
    public void A_rectangle_to_erase_is_chosen_by_the_rule_of_torchvision() =>
        Assert.All(Rules("erasing"), rule =>
        {
            var uniform = Numbers(rule, "uniform");
            var erasing = new RandomErasing { Area = Range(rule) };
            PixelWindow? expected = rule.GetProperty("window").ValueKind == JsonValueKind.Null ? null : Window(rule, "window");
            Assert.Equal(expected, erasing.Choose(Integer(rule, "height"), Integer(rule, "width"), index => uniform[index]));
        });

    [Fact]
    public void The_strengths_of_TrivialAugment_are_those_of_torchvision() =>
        Assert.All(Enum.GetValues<WideChangeKind>(), kind =>
        {
            var expected = Numbers(Golden.GetProperty("magnitudes"), kind.ToString());
            for (var strength = 0; strength < 31; strength++)
                Assert.Equal(expected.Length == 1 ? expected[0] : expected[strength], TrivialAugmentWide.Magnitude(kind, strength), 255 * 1e-6);
        });

    [Fact]
    public void Mixup_mixes_as_torchvision_does() =>
        Assert.All(Mixes("mixup"), mix =>
        {
            var count = Integer(mix, "count");
            using var scope = TensorScope.Begin();
            var (inputs, soft) = (Inputs(count), Tensor.Zeros([count, 3]));
            Mixup.Apply(inputs, mix.GetProperty("share").GetDouble());
            Assert.Equal(Text(mix, "inputs"), Digest(inputs));
            BatchMix.MixLabels(Labels(count), soft, mix.GetProperty("share").GetDouble());
            Assert.Equal(Numbers(mix, "labels").Select(share => (float)share), soft.ToArray<float>());
        });

    [Fact]
    public void CutMix_cuts_and_shares_as_torchvision_does() =>
        Assert.All(Mixes("cutmix"), mix =>
        {
            var count = Integer(mix, "count");
            using var scope = TensorScope.Begin();
            var (inputs, soft) = (Inputs(count), Tensor.Zeros([count, 3]));
            var window = CutMix.Window(mix.GetProperty("share").GetDouble(), Integer(mix, "x"), Integer(mix, "y"), 6, 5);
            Assert.Equal(Window(mix, "window"), window);
            CutMix.Apply(inputs, window, TensorLayout.Nchw);
            Assert.Equal(Text(mix, "inputs"), Digest(inputs));
            BatchMix.MixLabels(Labels(count), soft, CutMix.Share(window, 6, 5));
            Assert.Equal(Numbers(mix, "labels").Select(share => (float)share), soft.ToArray<float>());
        });

    [Fact]
    public void A_whole_way_gives_the_numbers_of_torchvision()
    {
        var golden = Golden.GetProperty("pipeline");
        var picture = new RandomResizedCrop(32, 40).Apply(Pattern.Of("waves", Integer(golden, "width"), Integer(golden, "height"), 3), new(5, 8, 50, 60));
        picture = new RandomHorizontalFlip().Apply(picture, true);
        picture = new ColorJitter().Apply(picture,
            [new(ColorProperty.Brightness, 1.2), new(ColorProperty.Saturation, 0.7), new(ColorProperty.Contrast, 1.4), new(ColorProperty.Hue, -0.08)]);
        var slot = new float[3 * 32 * 40];
        new Preprocessor(Cards.ImageNet.Preprocessing with { Resize = null, Crop = null }, 32, 40).Run(picture, slot);
        new RandomErasing { Value = [0.5f, -1, 2] }.Apply(slot, new([3, 32, 40], TensorLayout.Nchw), new(new PixelWindow(3, 4, 10, 7), null));
        Assert.Equal(Text(golden, "inputs"), Pattern.Digest(MemoryMarshal.AsBytes<float>(slot)));
        picture.Dispose();
    }

    private static Picture Jitter(Picture picture, JsonElement one, ColorProperty property) =>
        new ColorJitter().Apply(picture, [new(property, Numbers(one)[0])]);

    private static AffineMotion Motion(double[] numbers) => new(numbers[0], (int)numbers[1], (int)numbers[2], numbers[3], numbers[4], numbers[5]);

    private static Tensor Inputs(int count) => Tensor.From(
        [.. Enumerable.Range(0, count * 90).Select(i => (float)((i * 2654435761L % 4294967296L / 4294967296.0) - 0.5))], [count, 3, 6, 5]);

    private static long[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => i * 2L % 3)];

    private static string Digest(Tensor tensor) => Pattern.Digest(MemoryMarshal.AsBytes(tensor.AsSpan<float>()));

    private static JsonElement[] Rules(string name) => [.. Golden.GetProperty("rules").EnumerateArray().Where(rule => Text(rule, "rule") == name)];

    private static JsonElement[] Mixes(string name) => [.. Golden.GetProperty("mixes").EnumerateArray().Where(mix => Text(mix, "mix") == name)];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Integer(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static double[] Numbers(JsonElement element, string name = "numbers") =>
        [.. element.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    private static PixelWindow Window(JsonElement element, string name = "numbers") =>
        Numbers(element, name) is var n ? new((int)n[0], (int)n[1], (int)n[2], (int)n[3]) : default;

    private static DrawRange Range(JsonElement rule) => new(Numbers(rule, "area")[0], Numbers(rule, "area")[1]);

    private static T Named<T>(JsonElement element, string name) where T : struct, Enum => Enum.Parse<T>(Text(element, name));
}
