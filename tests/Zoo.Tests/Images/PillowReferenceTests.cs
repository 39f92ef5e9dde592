using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Pillow's own pixels, reproduced to the bit on every width of vector.</summary>
public sealed class PillowReferenceTests
{
    public static TheoryData<string> Widths => [.. Enum.GetNames<SimdWidth>()];

    [Fact]
    public void Every_photo_is_decoded_to_the_bit()
    {
        var wrong = PillowReference.Load().Photos.Where(photo =>
        {
            using var picture = ImageFile.Read(TestData.Require("images", "labelled", photo.File));
            return (picture.Width, picture.Height) != (photo.Width, photo.Height) || ByteSink.Sha256(ByteSink.Rgb24(picture)) != photo.DecodedRgb;
        });
        Assert.Empty(wrong.Select(photo => photo.File));
    }

    [Theory, MemberData(nameof(Widths))]
    public void Every_photo_is_resized_and_cropped_to_the_bit(string simd)
    {
        var resize = new Resize
        {
            Mode = ResizeMode.ShorterSide,
            Height = 256,
            Width = 256,
            Filter = ResizeFilter.Bilinear,
            Style = ResizeStyle.Pillow,
        };
        var wrong = PillowReference.Load().Photos.Where(photo =>
        {
            using var picture = ImageFile.Read(TestData.Require("images", "labelled", photo.File));
            return ByteSink.Sha256(ByteSink.Resample(picture, resize, new(224, 224), Enum.Parse<SimdWidth>(simd))) != photo.Crop224;
        });
        Assert.Empty(wrong.Select(photo => photo.File));
    }

    [Theory, MemberData(nameof(Widths))]
    public void Every_pattern_is_resized_to_the_bit_by_every_filter(string simd)
    {
        var compared = 0;
        foreach (var pattern in PillowReference.Load().Patterns)
        {
            using var picture = ImageFile.Read(TestData.Require("pillow", pattern.Png));
            foreach (var (filter, expected) in pattern.Expected)
            {
                var resize = new Resize
                {
                    Mode = ResizeMode.Stretch,
                    Width = pattern.To[0],
                    Height = pattern.To[1],
                    Filter = Enum.Parse<ResizeFilter>(filter, ignoreCase: true),
                    Style = ResizeStyle.Pillow,
                };
                var actual = ByteSink.Sha256(ByteSink.Resample(picture, resize, null, Enum.Parse<SimdWidth>(simd)));
                Assert.True(expected == actual, $"{pattern.Png} {filter}");
                compared++;
            }
        }
        Assert.Equal(55, compared);
    }
}
