using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Every width of vector against the plain loop, in shapes that fill groups, half fill them and end rows.</summary>
public sealed class ResamplerTests
{
    private static readonly (int Width, int Height)[] Sizes = [(1, 1), (2, 3), (7, 5), (33, 17), (64, 64), (131, 90), (500, 3), (3, 500), (1021, 31)];
    private static readonly (int Width, int Height)[] Targets = [(1, 1), (2, 2), (5, 7), (17, 33), (64, 64), (97, 40), (131, 3), (33, 90)];

    public static TheoryData<string, int> Paths =>
    [
        .. from simd in Enum.GetNames<SimdWidth>() from channels in new[] { 1, 3 } where simd != "Scalar" select (simd, channels),
    ];

    [Theory, MemberData(nameof(Paths))]
    public void Vectors_agree_with_the_plain_loop(string simd, int channels)
    {
        foreach (var (width, height) in Sizes)
        {
            using var picture = Cards.Noise(width, height, channels);
            foreach (var (toWidth, toHeight) in Targets)
                foreach (var filter in Enum.GetValues<ResizeFilter>())
                {
                    var resize = Cards.Stretch(toHeight, toWidth, filter);
                    var expected = ByteSink.Resample(picture, resize, null, SimdWidth.Scalar);
                    var actual = ByteSink.Resample(picture, resize, null, Enum.Parse<SimdWidth>(simd));
                    Assert.True(expected.AsSpan().SequenceEqual(actual), $"{width}x{height} to {toWidth}x{toHeight} by {filter}");
                }
        }
    }

    [Theory, InlineData(ResizeStyle.Pillow), InlineData(ResizeStyle.OpenCv)]
    public void A_window_holds_what_cutting_the_whole_would(ResizeStyle style)
    {
        using var picture = Cards.Noise(120, 91);
        var resize = Cards.Stretch(60, 71, ResizeFilter.Bilinear, style);
        var whole = ByteSink.Resample(picture, resize, null, Simd.Widest);
        var window = ByteSink.Resample(picture, resize, new(20, 31), Simd.Widest);
        for (var y = 0; y < 20; y++)
            Assert.Equal(whole.AsSpan(3 * ((y + 20) * 71 + 20), 3 * 31), window.AsSpan(3 * y * 31, 3 * 31));
    }
}
