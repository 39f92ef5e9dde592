using System.Text.Json;
using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Small files of many formats, drawn for this test, against the pixels Pillow 9.4 makes of them.</summary>
public sealed class PillowFormatsTests
{
    private sealed record Case(string Name, byte[] File, byte[] Rgb);

    private sealed record Cases(IReadOnlyList<Case> Files);

    private static readonly Dictionary<string, Case> All = Load();

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_format_gives_pillows_pixels(string name)
    {
        using var file = ImageFile.Open(All[name].File, name);
        using var picture = file.Decode();
        Assert.Equal(All[name].Rgb, ByteSink.Rgb24(picture));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_format_cut_anywhere_gives_its_pixels_or_one_sentence(string name)
    {
        for (var length = 0; length < All[name].File.Length; length += 7)
            try
            {
                using var file = ImageFile.Open(All[name].File.AsSpan(0, length), name);
                using var picture = file.Decode();
                Assert.Equal(All[name].Rgb, ByteSink.Rgb24(picture));
            }
            catch (InvalidImageException error)
            {
                Assert.StartsWith(name, error.Message);
            }
    }

    [Theory, InlineData("exif.png", 6), InlineData("exif.webp", 6), InlineData("exif8.jpg", 8), InlineData("444.jpg", 1)]
    public void The_orientation_is_read_from_every_format_that_can_hold_one(string name, int orientation)
    {
        using var file = ImageFile.Open(All[name].File, name);
        Assert.Equal(orientation, file.Orientation);
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_to_its_end()
    {
        var (_, bytes, rgb) = All["rgba.png"];
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var end = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, pipe.ClientSafePipeHandle);
        pipe.Write(bytes);
        pipe.Close();
        using var file = ImageFile.Open(end, "pipe");
        using var picture = file.Decode();
        Assert.Equal(rgb, ByteSink.Rgb24(picture));
    }

    private static Dictionary<string, Case> Load()
    {
        var path = Path.Combine(TestData.Checkout, "tests", "Zoo.Tests", "Images", "pillow-formats.json");
        return JsonSerializer.Deserialize<Cases>(File.ReadAllText(path), JsonSerializerOptions.Web)!.Files.ToDictionary(file => file.Name);
    }
}
