using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>OpenCV's own results: <c>cv2.resize(noise, size, interpolation=cv2.INTER_LINEAR)</c> of version 4.6, one thread.</summary>
public sealed class OpenCvTests
{
    // Width and height before, width and height after, the first 16 digits of SHA-256 of the bytes.
    private static readonly (int Width, int Height, int ToWidth, int ToHeight, string Sha256)[] Cases =
    [
        (1, 1, 1, 1, "ceea15e43670c8e7"),
        (1, 1, 8, 8, "8dd7f6ae892e6939"),
        (1, 1, 7, 9, "a009c8b944b80c83"),
        (1, 1, 50, 37, "198162d8d5142d79"),
        (1, 1, 32, 24, "eaa346559c012dad"),
        (1, 1, 66, 34, "db9f3428378e9748"),
        (1, 1, 131, 45, "e202f45a4a8ec4bc"),
        (1, 1, 16, 48, "eaa346559c012dad"),
        (5, 4, 1, 1, "817344cb70a84f5c"),
        (5, 4, 8, 8, "217c768f87fb28c6"),
        (5, 4, 7, 9, "b53419a26842a2d7"),
        (5, 4, 50, 37, "d1d363b57ec5fec6"),
        (5, 4, 32, 24, "886a0abb8f95cc5a"),
        (5, 4, 66, 34, "9d21ca9a7d669554"),
        (5, 4, 131, 45, "e658f815117c5141"),
        (5, 4, 16, 48, "8194e8363b3a7a94"),
        (16, 16, 1, 1, "a96012e5020f4a79"),
        (16, 16, 8, 8, "e73417b77a1be9f5"),
        (16, 16, 7, 9, "681960199a08cbda"),
        (16, 16, 50, 37, "c0756e3d16df8ce1"),
        (16, 16, 32, 24, "9bf1c3fa3b416e06"),
        (16, 16, 66, 34, "3fc9691c42ef9198"),
        (16, 16, 131, 45, "7207acf02bbde234"),
        (16, 16, 16, 48, "2151e03999584412"),
        (33, 17, 1, 1, "df3618a61f313c3f"),
        (33, 17, 8, 8, "354edce3a8d5f971"),
        (33, 17, 7, 9, "5790f9cda210e24d"),
        (33, 17, 50, 37, "1ac082352db772c9"),
        (33, 17, 32, 24, "bce17e4fcb30ee0b"),
        (33, 17, 66, 34, "3ecdeea89fa182af"),
        (33, 17, 131, 45, "908e2dafe462478d"),
        (33, 17, 16, 48, "894219139a6eee50"),
        (100, 75, 1, 1, "d9ce95ec80b77cf3"),
        (100, 75, 8, 8, "9bfd453d5f2965f9"),
        (100, 75, 7, 9, "7ba48bb53a1ff30f"),
        (100, 75, 50, 37, "774546b6d7f88982"),
        (100, 75, 32, 24, "bec406dd41527cb0"),
        (100, 75, 66, 34, "35c9e97c5cf590bb"),
        (100, 75, 131, 45, "3bf2ebb6c054e04b"),
        (100, 75, 16, 48, "516602c8a04e7e6b"),
        (131, 90, 1, 1, "0aed6a1cc7ae612a"),
        (131, 90, 8, 8, "62f9a868cb26a367"),
        (131, 90, 7, 9, "075246c4fa76d4ee"),
        (131, 90, 50, 37, "73fbba2adc9c6111"),
        (131, 90, 32, 24, "6646c8a7b864a2b3"),
        (131, 90, 66, 34, "0c603819f20c519e"),
        (131, 90, 131, 45, "d58f889d0b013a03"),
        (131, 90, 16, 48, "49059a6fe7d1fb07"),
        (64, 48, 1, 1, "dab4d1644cf645fc"),
        (64, 48, 8, 8, "9b09c4f4e71c19f5"),
        (64, 48, 7, 9, "f064db9175405de7"),
        (64, 48, 50, 37, "6e81e64e49372547"),
        (64, 48, 32, 24, "ddd9f852284c9cc2"),
        (64, 48, 66, 34, "8bd176a7b6662ab6"),
        (64, 48, 131, 45, "23a40317b59527d5"),
        (64, 48, 16, 48, "646fd25f5cb68c4a"),
    ];

    [Fact]
    public void Every_size_is_resized_to_the_bit()
    {
        var wrong = Cases.Where(item =>
        {
            using var picture = Picture.FromPixels(item.Width, item.Height, Noise(item.Width, item.Height));
            var resize = Cards.Stretch(item.ToHeight, item.ToWidth, ResizeFilter.Bilinear, ResizeStyle.OpenCv);
            return ByteSink.Sha256(ByteSink.Resample(picture, resize, null, SimdWidth.Scalar))[..16] != item.Sha256;
        });
        Assert.Empty(wrong);
    }

    // By hand: 4 pixels to 3 is a scale of 4/3, centres 1/6, 1.5, 2 5/6; weights of 1/2048: 1707 and 341, 1024 and 1024, 341 and 1707.
    [Fact]
    public void A_row_is_what_a_hand_computes()
    {
        using var picture = Picture.FromPixels(4, 1, [10, 50, 90, 250]);
        var resize = Cards.Stretch(1, 3, ResizeFilter.Bilinear, ResizeStyle.OpenCv);
        Assert.Equal<byte>([17, 17, 17, 70, 70, 70, 223, 223, 223], ByteSink.Resample(picture, resize, null, SimdWidth.Scalar));
    }

    [Fact]
    public void An_exact_halving_is_the_mean_of_four()
    {
        using var picture = Picture.FromPixels(2, 2, [1, 2, 3, 4]);
        var resize = Cards.Stretch(1, 1, ResizeFilter.Bilinear, ResizeStyle.OpenCv);
        Assert.Equal<byte>([3, 3, 3], ByteSink.Resample(picture, resize, null, SimdWidth.Scalar));
    }

    // A linear congruential generator, so that both sides draw the same noise.
    private static byte[] Noise(int width, int height)
    {
        var noise = new byte[width * height * 3];
        var state = (uint)(width * 31 + height);
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (byte)((state = state * 1664525 + 1013904223) >> 24);
        return noise;
    }
}
