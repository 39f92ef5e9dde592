using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Data;

/// <summary>From a picture to a model's input.</summary>
public sealed class PicturePipelineTests
{
    private static readonly Preprocessing Steps = Cards.ImageNet.Preprocessing;

    public static TheoryData<string> Variants => ["rgb", "bgr", "gray", "interleaved", "upright", "bytes", "stretched"];

    [Theory, MemberData(nameof(Variants))]
    public void Without_augmentation_the_input_is_the_preprocessors_to_the_bit(string variant)
    {
        var steps = Variant(variant);
        foreach (var name in new[] { "exif-landscape-1.jpg", "exif-landscape-6.jpg", "gray-tower-512.jpg" })
        {
            var path = TestData.Require("images", "odd", name);
            var preprocessor = new Preprocessor(steps, 224, 224);
            var expected = new float[preprocessor.SlotLength];
            preprocessor.Read(path, expected);
            Assert.Equal(expected, Encoded(new(steps, 224, 224), path));
            // Steps that happen to do nothing change nothing.
            Assert.Equal(expected, Encoded(new(steps, 224, 224, new RandomHorizontalFlip(0), new ColorJitter(), new RandomErasing(0)), path));
        }
    }

    [Fact]
    public void The_input_of_a_card_is_the_preprocessors_to_the_bit()
    {
        var preprocessor = new Preprocessor(Steps);
        var expected = new float[preprocessor.SlotLength];
        using (var picture = Pattern.Of("noise", 300, 270, 3))
            preprocessor.Run(picture, expected);
        using var sample = new PictureSample(Pattern.Of("noise", 300, 270, 3), 4, "noise");
        var slot = new float[preprocessor.SlotLength];
        Assert.Equal(4, Augment.None(Cards.ImageNet).Encode(sample, slot, new Draws(1)));
        Assert.Equal(expected, slot);
    }

    [Fact]
    public void Printing_a_pipeline_lists_its_steps() => Assert.Equal(
        """
        random resized crop 224 x 224 (area 0.08 to 1, ratio 0.75 to 1.33, Bilinear)
        random horizontal flip (probability 0.5)
        trivial augment, wide (Nearest)
        Rgb, by 255, less (0.485, 0.456, 0.406), by (0.229, 0.224, 0.225), to [3,224,224]
        random erasing (probability 0.1, area 0.02 to 0.33, ratio 0.3 to 3.3, 0)
        """, Augment.Strong(Cards.ImageNet).ToString(), ignoreLineEndingDifferences: true);

    [Fact]
    public void Tiny_pictures_are_shifted_and_grey_ones_not_flipped()
    {
        Assert.Equal([new RandomCrop(32, 32, 4), new RandomHorizontalFlip()], Augment.Basic(Cards.Cifar).Augmentations);
        Assert.Equal([new RandomCrop(28, 28, 3)], Augment.Basic(Cards.Mnist).Augmentations);
        Assert.Equal(TensorShape.Of([1, 28, 28]), Augment.Basic(Cards.Mnist).Shape);
        Assert.Contains("resize ShorterSide 256 x 256 (Bilinear), crop 224 x 224", Augment.None(Cards.ImageNet).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_step_draws_does_not_depend_on_the_others()
    {
        var flip = new RandomHorizontalFlip();
        var alone = new PicturePipeline(Cards.Cifar.Preprocessing, 32, 32, flip);
        var among = new PicturePipeline(Cards.Cifar.Preprocessing, 32, 32, new ColorJitter(), flip, new RandomErasing(0));
        var twice = new PicturePipeline(Cards.Cifar.Preprocessing, 32, 32, flip, flip);
        var (same, other) = (0, 0);
        for (var sample = 0; sample < 32; sample++)
        {
            Assert.Equal(Encoded(alone, sample), Encoded(among, sample));
            _ = Encoded(alone, sample).SequenceEqual(Encoded(twice, sample)) ? same++ : other++;
        }
        Assert.InRange(same, 6, 26);
        Assert.InRange(other, 6, 26);
    }

    [Fact]
    public void Steps_in_another_order_or_of_another_size_are_refused()
    {
        Assert.Contains("must come before", Refusal(() => new PicturePipeline(Steps, 224, 224, new RandomErasing(), new RandomHorizontalFlip())), StringComparison.Ordinal);
        Assert.Contains("32 x 32", Refusal(() => new PicturePipeline(Steps, 224, 224, new RandomCrop(32, 32))), StringComparison.Ordinal);
        Assert.Contains("fix no size", Refusal(() => new PicturePipeline(Steps with { Resize = null, Crop = null }, new RandomHorizontalFlip())), StringComparison.Ordinal);
        Assert.Equal(TensorShape.Of([3, 64, 48]), new PicturePipeline(Steps, new RandomResizedCrop(64, 48)).Shape);
    }

    [Fact]
    public void Settings_out_of_their_range_are_refused()
    {
        Assert.Contains("1.5", Refusal(() => new RandomHorizontalFlip(1.5)), StringComparison.Ordinal);
        Assert.Contains("Hue", Refusal(() => new ColorJitter(Hue: 0.6)), StringComparison.Ordinal);
        Assert.Contains("Area is 0.5 to 0.2", Refusal(() => new RandomResizedCrop(8, 8) { Area = new(0.5, 0.2) }), StringComparison.Ordinal);
        Assert.Contains("a side of 0 pixels", Refusal(() => new RandomCrop(0, 8)), StringComparison.Ordinal);
        Assert.Contains("over 0", Refusal(() => new Mixup(3, 0)), StringComparison.Ordinal);
        Assert.Contains("over 0", Refusal(() => new GaussianBlur(new(0, 1))), StringComparison.Ordinal);
        Assert.Contains("cannot be cut out", Refusal(() => new RandomCrop(32, 32, 4).Draw(new Draws(1), 20, 20)), StringComparison.Ordinal);
        var twoValues = new RandomErasing(1) { Value = [1, 2] };
        var layout = new SlotLayout([3, 10, 10], TensorLayout.Nchw);
        Assert.Contains("3 channels",
            Assert.Throws<AnnealException>(() => twoValues.Run(new float[300], layout, new Draws(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_are_within_their_ranges_and_as_often_as_they_should_be()
    {
        const int Count = 20_000;
        var draws = new Draws(9);
        // Five standard errors of a share of 0.3.
        Assert.InRange(Enumerable.Range(0, Count).Count(i => new RandomVerticalFlip(0.3).Draw(draws.At(i), 9, 9)), (0.3 * Count) - 324, (0.3 * Count) + 324);
        var jitter = new ColorJitter(0.4, 0.2, Hue: 0.1);
        var changes = Enumerable.Range(0, Count).Select(i => jitter.Draw(draws.At(i), 9, 9)).ToArray();
        Assert.All(changes, list => Assert.Equal([ColorProperty.Brightness, ColorProperty.Contrast, ColorProperty.Hue], list.Select(change => change.Property).Order()));
        Assert.Equal(6, changes.Select(list => string.Join(' ', list.Select(change => change.Property))).Distinct().Count());
        Assert.All(changes.SelectMany(list => list), change => Assert.InRange(change.Factor,
            change.Property == ColorProperty.Hue ? -0.1 : change.Property == ColorProperty.Brightness ? 0.6 : 0.8,
            change.Property == ColorProperty.Hue ? 0.1 : change.Property == ColorProperty.Brightness ? 1.4 : 1.2));
        var kinds = Enumerable.Range(0, Count).Select(i => new TrivialAugmentWide().Draw(draws.At(i), 9, 9)).CountBy(change => change.Kind);
        Assert.Equal(14, kinds.Count());
        Assert.All(kinds, kind => Assert.InRange(kind.Value, (Count / 14.0) - 182, (Count / 14.0) + 182));
        var motion = new RandomAffine(10) { Translate = (0.1, 0.2), Scale = new(0.5, 2), ShearX = new(-3, 4) };
        Assert.All(Enumerable.Range(0, Count).Select(i => motion.Draw(draws.At(i), 50, 40)), one =>
            Assert.True(Math.Abs(one.Degrees) <= 10 && Math.Abs(one.TranslateX) <= 4 && Math.Abs(one.TranslateY) <= 10 && one.Scale is >= 0.5 and <= 2 && one.ShearX is >= -3 and <= 4 && one.ShearY == 0));
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(3)]
    public void Shares_of_mixup_have_the_moments_of_the_beta_distribution(double alpha)
    {
        const int Count = 20_000;
        double[] shares = [.. Enumerable.Range(0, Count).Select(i => new Mixup(2, alpha).Draw(new Draws(4).At(i)))];
        var variance = 1 / (4 * ((2 * alpha) + 1));
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.InRange(shares.Average(), 0.5 - (5 * Math.Sqrt(variance / Count)), 0.5 + (5 * Math.Sqrt(variance / Count)));
        Assert.InRange(shares.Average(share => Math.Pow(share - 0.5, 2)), variance * 0.95, variance * 1.05);
    }

    [Fact]
    public void Noise_that_is_erased_with_is_normal()
    {
        var slot = new float[3 * 200 * 200];
        var layout = new SlotLayout([3, 200, 200], TensorLayout.Nchw);
        new RandomErasing(1) { IsNoise = true, Area = new(0.3, 0.4), Ratio = new(1, 1) }.Run(slot, layout, new Draws(3));
        float[] noise = [.. slot.Where(number => number != 0)];
        Assert.InRange(noise.Length, 3 * 0.29 * 40_000, 3 * 0.41 * 40_000);
        Assert.InRange(noise.Average(), -0.03, 0.03);
        Assert.InRange(noise.Average(number => number * number), 0.96, 1.04);
    }

    [Fact]
    public void Odd_and_hostile_pictures_are_loaded_or_refused_by_name()
    {
        using var folder = new TempFolder();
        Directory.CreateSymbolicLink(folder["odd"], TestData.Require("images", "odd"));
        var dataset = new ImageFolder(folder.Path, [.. ImageFolder.DefaultExtensions, ".gif"]);
        var refused = new List<string>();
        for (var i = 0; i < dataset.Count; i++)
            try
            {
                Assert.Single(new DataLoader<PictureSample>(dataset.Subset([i]), Augment.Strong(Cards.ImageNet), new() { Workers = i % 2 })
                    .Epoch(0, cancellation: TestContext.Current.CancellationToken).Select(batch => batch.Number));
            }
            catch (SampleException error)
            {
                Assert.Contains(dataset.NameOf(i), error.Message, StringComparison.Ordinal);
                refused.Add(Path.GetFileName(dataset.NameOf(i)));
            }
        Assert.Equal(["bomb-65535x65535.jpg", "corrupt-header.jpg", "empty.jpg", "huge-gray-20000x14000.jpg", "tiff-rgb.tiff", "truncated.jpg"], refused);
    }

    private static Preprocessing Variant(string name) => name switch
    {
        "bgr" => Steps with { Color = ColorOrder.Bgr },
        "gray" => Steps with { Color = ColorOrder.Gray, Mean = [0.45f], Std = [0.22f] },
        "interleaved" => Steps with { Layout = TensorLayout.Nhwc },
        "upright" => Steps with { Orientation = OrientationPolicy.Apply },
        "bytes" => Steps with { Divide = 1, Mean = null, Std = null },
        "stretched" => Steps with { Resize = Steps.Resize! with { Mode = ResizeMode.Stretch, Height = 224, Width = 224, Filter = ResizeFilter.Bicubic }, Crop = null },
        _ => Steps,
    };

    private static float[] Encoded(PicturePipeline pipeline, string path)
    {
        using var sample = new PictureSample(ImageFile.Read(path), 0, path);
        return Encoded(pipeline, sample, new Draws(2));
    }

    private static float[] Encoded(PicturePipeline pipeline, int number)
    {
        using var sample = new PictureSample(Pattern.Of("waves", 32, 32, 3), 0, "waves");
        return Encoded(pipeline, sample, new Draws(2).At(number));
    }

    private static float[] Encoded(PicturePipeline pipeline, PictureSample sample, Draws draws)
    {
        var slot = new float[pipeline.Shape.ElementCount];
        pipeline.Encode(sample, slot, draws);
        return slot;
    }

    private static string Refusal(Func<object?> action) => Assert.Throws<AnnealException>(() => { action(); }).Message;
}
