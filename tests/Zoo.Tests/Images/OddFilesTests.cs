using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Odd and hostile files: each gives Pillow's pixels or one sentence, quickly and in little memory.</summary>
[Collection(nameof(OddFilesTests)), CollectionDefinition(nameof(OddFilesTests), DisableParallelization = true)]
public sealed class OddFilesTests
{
    private const long MostBytes = 300L << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    // SHA-256 of Image.open(file).convert("RGB").tobytes() in Pillow 9.4.
    private static readonly Dictionary<string, string> Pixels = new()
    {
        ["aspect-1x1000.jpg"] = "226012e9273521d3aba0c89261ce1d6a0ab50a8646c82f72ee8a4d021e61e39c",
        ["bmp-1bpp.bmp"] = "9f9301529892e3ee916389c9bd9565c4710839a65ba01e562a17cc0b20541ec8",
        ["bmp-24.bmp"] = "6b981fba7b86dbcdeff21716239466cb7fc65276c241c7672be702ec07c0901a",
        ["bmp-palette.bmp"] = "517c9a44833f1fb6c089bc8ec339e47ffcc576dca187cb95d3ec3e4b51fc36c8",
        ["cmyk-adobe-icc-500x333.jpg"] = "94747aacd22d8498fa30fcc5abb095222eee8a7d3a0b56593b552810f68674de",
        ["cmyk-adobe-noicc-500x333.jpg"] = "94747aacd22d8498fa30fcc5abb095222eee8a7d3a0b56593b552810f68674de",
        ["cmyk-raw-32x32.jpg"] = "82bf496c5f738767168732b711c365b67278b928f271d98d7bebc23e88e86418",
        ["exif-landscape-1.jpg"] = "d65a143dcef31110cfd49c2b02af0ea5b7d5c8821d87a6725242f6d30c413bcd",
        ["exif-landscape-2.jpg"] = "937a596e9f61c6f7d6ec698935a23b5800750120e5eeb23d5d18261ff137fcd0",
        ["exif-landscape-3.jpg"] = "8c4c11bd04f2368e640fed9c4cb1586f9f8cfc324855b171d0101e73701500e9",
        ["exif-landscape-4.jpg"] = "d0eb45704a22e585e3f193c1970066495e626f561a5ea67b5d9a59d454e5701c",
        ["exif-landscape-5.jpg"] = "415785dc6cf32d86ff78265c39a9031572de165776b59b5b6492adb9abfee5be",
        ["exif-landscape-6-1800x1200.jpg"] = "0a23be64c2e63ff80632b4b81862931c95c53a8b6def36d619d85b850efb1bbb",
        ["exif-landscape-6.jpg"] = "d7e48e47f06fc5c2141d625bf9ec30958241efe1b47202f53f4f4a8d2a2a03ff",
        ["exif-landscape-7.jpg"] = "c641aedeb1a04da3fe4fc6d18f2cf435ea49d4cabedf8a00ac440bebbd322222",
        ["exif-landscape-8.jpg"] = "87cbcbedbe614bfe3d63fce1bd1fcdb56f7035d0145ae08a1984ed65489aadbc",
        ["gif-animated.gif"] = "460507ddff21d726e9871dda88d04d3b316f8175b4fbe7edb4aa77feb2b78bad",
        ["gray-tower-512.jpg"] = "39f49d6ba07e72f3605dbf8a9c4c0a6292425619d64844a4d4a7186de7592b47",
        ["large-3840x2160-gainmap.jpg"] = "b0d909a92aaa5f4c68f71f5911475d1bdf0112d9311aeb641d59c9fd9e611b77",
        ["png-alpha-blackbug.png"] = "422d2cf6b1a3ae6743c950ab0c2d2980a9de5b5141a5f99088939e7f1b9d5003",
        ["png-full-transparent.png"] = "2112b12f3098e9bd4bdc658a2344ed7e0f96521d32d535de375407415d4961a9",
        ["png-gray-alpha.png"] = "90540ea0b87c372e580ba7cb77de3a51d6980946577d20863886991383825f25",
        ["png-interlaced-32.png"] = "3ff78c7d0ac9033c81fbcc389478d7a594ef5508979e1b6a63cfd5b7f1949beb",
        ["png-rgb16.png"] = "a7d6fc33672af8eb6f21aaee4d04e45bff3caa06ed8b02604b1ac2a0eccefc57",
        ["png-rgba-yellow_rose.png"] = "3876e6e8916d8dc1306b2cdbaec5843cc2813b36c4223f1705788cff7f969c77",
        ["png-rgba.png"] = "b131b5c9b6a84dcb9cf25b8c0a33a9a289a6c9e98da770921fbdef07adeb7cf6",
        ["progressive-650x470.jpg"] = "e7446959fe4bdf3d00495de93217546c5cb1607f727162e5eeff28f25e3b3e6a",
        ["progressive-cat.jpg"] = "b76f8a6e1db2b4d2628742b4eacbea11de2f1f50e4e0761f7e04753333beef1a",
        ["progressive-tower-512.jpg"] = "0d35fa6783a5f8bd64cfd8ee2f72b28cdd086086876462a44f0c103683ff5197",
        ["tiny-1x1.jpg"] = "861f9848c62da2e60d2cf47b2a07b719854bda6d1696127614ddd05234a5ab44",
        ["webp-lossless-tux.webp"] = "1e97a1ef227e4b782046fde58b3383c810a992550959ccc81b0a18ca4d061aa6",
        ["webp-lossy.webp"] = "fb9eca466d87a5becfcc8240581b1b2f656299c67988f68abb40993cde187442",
    };

    private static readonly Dictionary<string, string> Refusals = new()
    {
        ["bomb-65535x65535.jpg"] = "has 65535 x 65535 = 4,294,836,225 pixels, more than the 178,956,970 allowed",
        ["corrupt-header.jpg"] = "is a JPEG picture whose header is damaged or cut off",
        ["empty.jpg"] = "is empty",
        ["huge-gray-20000x14000.jpg"] = "has 20000 x 14000 = 280,000,000 pixels, more than the 178,956,970 allowed",
        ["tiff-rgb.tiff"] = "is a TIFF picture, which is not read here; convert it to PNG or JPEG",
        ["truncated.jpg"] = "is a JPEG picture that is cut off",
    };

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(TestData.Require("images", "odd")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Files))]
    public void An_odd_file_gives_pillows_pixels_or_one_sentence(string name)
    {
        var path = TestData.Require("images", "odd", name);
        var outcome = Measured(() => Outcome(path));
        if (Refusals.TryGetValue(name, out var sentence))
        {
            Assert.StartsWith($"{path} {sentence}", outcome);
            Assert.DoesNotContain('\n', outcome);
        }
        else
        {
            Assert.Equal(Pixels[name], outcome);
        }
    }

    [Fact]
    public void A_picture_of_280_megapixels_is_read_in_parts_when_its_size_is_allowed()
    {
        var path = TestData.Require("images", "odd", "huge-gray-20000x14000.jpg");
        var preprocessor = new Preprocessor(Cards.TorchVision with { Divide = 1, Mean = null, Std = null }, new ImageLimits { MaxPixels = 300_000_000 });
        var slot = new float[preprocessor.SlotLength];
        Measured(() => preprocessor.Read(path, slot));
        // Pillow says that every pixel is 192.
        Assert.All(slot, value => Assert.Equal(192, value));
    }

    private static string Outcome(string path)
    {
        try
        {
            using var picture = ImageFile.Read(path);
            return ByteSink.Sha256(ByteSink.Rgb24(picture));
        }
        catch (InvalidImageException error)
        {
            return error.Message;
        }
    }

    private static T Measured<T>(Func<T> act)
    {
        GC.Collect();
        var before = PeakMemory.Restart();
        var start = Environment.CpuUsage.TotalTime;
        var result = act();
        // Processor time, which a busy machine does not stretch; no other test runs beside these.
        Assert.InRange(Environment.CpuUsage.TotalTime - start, TimeSpan.Zero, MostTime);
        if (before > 0)
            Assert.True(PeakMemory.Read() - before < MostBytes, $"{(PeakMemory.Read() - before) >> 20} MiB more were held");
        return result;
    }
}
