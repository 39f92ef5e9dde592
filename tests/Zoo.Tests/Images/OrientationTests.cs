using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>EXIF orientation: ignored with a word about it, or applied exactly.</summary>
public sealed class OrientationTests
{
    // The stored rows of a picture that shows a b c / d e f when upright.
    [Theory]
    [InlineData(1, 3, "abcdef")]
    [InlineData(2, 3, "cbafed")]
    [InlineData(3, 3, "fedcba")]
    [InlineData(4, 3, "defabc")]
    [InlineData(5, 2, "adbecf")]
    [InlineData(6, 2, "cfbead")]
    [InlineData(7, 2, "fcebda")]
    [InlineData(8, 2, "daebfc")]
    public void Stored_pixels_are_turned_upright(int orientation, int storedWidth, string stored)
    {
        foreach (var pixelBytes in new[] { 1, 4 })
        {
            var buffer = new PixelBuffer(6 * pixelBytes);
            for (var i = 0; i < buffer.Length; i++)
                buffer.Span[i] = (byte)stored[i / pixelBytes];
            using var picture = new Picture(buffer, storedWidth, 6 / storedWidth, pixelBytes, orientation);
            using var upright = Turning.Upright(picture);
            Assert.Equal((3, 2), (upright.Width, upright.Height));
            Assert.Equal("abcdef", string.Concat(ByteSink.Rgb24(upright).Where((_, i) => i % 3 == 0).Select(value => (char)value)));
        }
    }

    [Fact]
    public void Photos_of_all_orientations_look_alike_once_applied()
    {
        var preprocessor = new Preprocessor(Cards.TorchVision with { Orientation = OrientationPolicy.Apply, Divide = 1, Mean = null, Std = null });
        var first = new float[preprocessor.SlotLength];
        var other = new float[preprocessor.SlotLength];
        preprocessor.Read(TestData.Require("images", "odd", "exif-landscape-2.jpg"), first);
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var warnings = preprocessor.Read(TestData.Require("images", "odd", $"exif-landscape-{orientation}.jpg"), other);
            Assert.Empty(warnings);
            var difference = first.Zip(other, (a, b) => Math.Abs(a - b)).Average();
            // The first was edited differently: Pillow too finds it 15.8 away. A wrong turn is 60 or more away.
            Assert.True(difference < (orientation == 1 ? 20 : 6), $"orientation {orientation} differs by {difference} of 255 on average");
        }
    }

    [Theory, InlineData(5, 450, 600), InlineData(6, 450, 600), InlineData(3, 600, 450)]
    public void An_ignored_orientation_is_warned_about(int orientation, int width, int height)
    {
        var path = TestData.Require("images", "odd", $"exif-landscape-{orientation}.jpg");
        var preprocessor = new Preprocessor(Cards.TorchVision);
        using var file = ImageFile.Open(path);
        Assert.Equal((width, height, orientation), (file.Width, file.Height, file.Orientation));
        var warning = Assert.Single(preprocessor.Read(file, new float[preprocessor.SlotLength]));
        Assert.Equal($"{path}: stored rotated (EXIF orientation {orientation}); the card ignores it.", warning);
    }
}
