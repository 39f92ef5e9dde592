using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Pictures written as files.</summary>
public sealed class SavingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_saved_picture_comes_back_to_the_last_bit(int channels)
    {
        var pixels = Enumerable.Range(0, 7 * 5 * channels).Select(i => (byte)(i * 37)).ToArray();
        using var picture = Picture.FromPixels(7, 5, pixels);
        File.WriteAllText(_folder["picture.png"], "what was there before");

        ImageFile.Save(picture, _folder["picture.png"]);

        using var file = ImageFile.Open(_folder["picture.png"]);
        using var back = file.Decode();
        Assert.Equal((ImageFormat.Png, 7, 5, channels), (file.Format, back.Width, back.Height, back.Channels));
        Assert.Equal(Rgb(picture), Rgb(back));
        Assert.Equal(["picture.png"], Directory.EnumerateFiles(_folder.Path).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_and_nothing_else()
    {
        using var picture = Picture.FromPixels(1, 1, [1]);
        Assert.ThrowsAny<IOException>(() => ImageFile.Save(picture, _folder["missing", "picture.png"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static byte[] Rgb(Picture picture)
    {
        var pixels = new byte[3 * picture.Width * picture.Height];
        picture.CopyRgbTo(pixels);
        return pixels;
    }
}
