using Anneal.Cli.Handwriting;
using Anneal.Training;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Cli.Tests;

/// <summary>Characters drawn by code, and the network inside the library that learned from nothing else.</summary>
public sealed class HandwritingTests
{
    private const int Area = Ink.Size * Ink.Size;

    public static TheoryData<string> Characters => [.. Digits.Names, .. Letters.All.Select(letter => letter.Name)];

    [Theory, MemberData(nameof(Characters))]
    public void A_character_fills_MNISTs_box_and_its_mass_is_in_the_middle(string name)
    {
        for (var i = 0; i < 20; i++)
        {
            var pixels = Scribe.Write(Ways(name), new Draws(1).At(i));
            var inked = Enumerable.Range(0, Area).Where(pixel => pixels[pixel] > 127).ToList();
            var (height, width) = (Extent(inked.Select(pixel => pixel / Ink.Size)), Extent(inked.Select(pixel => pixel % Ink.Size)));
            var mass = pixels.Sum(pixel => (double)pixel);
            Assert.InRange(Math.Max(height, width), 17, 23);
            Assert.InRange(pixels.Index().Sum(pixel => pixel.Item * ((pixel.Index % Ink.Size) + 0.5)) / mass, 13.2, 14.8);
            Assert.InRange(pixels.Index().Sum(pixel => pixel.Item * ((pixel.Index / Ink.Size) + 0.5)) / mass, 13.2, 14.8);
        }
    }

    [Fact]
    public void The_same_draws_write_the_same_pixels_and_others_write_others()
    {
        var first = Scribe.Write(Digits.Ways[3], new Draws(7));

        Assert.Equal(first, Scribe.Write(Digits.Ways[3], new Draws(7)));
        Assert.NotEqual(first, Scribe.Write(Digits.Ways[3], new Draws(8)));
    }

    [Fact]
    public void A_grey_PNG_file_is_read_as_it_was_written()
    {
        byte[] pixels = [.. Enumerable.Range(0, 6 * 4).Select(i => (byte)(i * 10))];

        using var file = ImageFile.Open(GrayPng.Encode(pixels, 6), "gray.png");
        using var picture = file.Decode();
        var rgb = new byte[3 * pixels.Length];
        picture.CopyRgbTo(rgb);

        Assert.Equal((6, 4), (picture.Width, picture.Height));
        Assert.Equal(pixels.SelectMany(pixel => Enumerable.Repeat(pixel, 3)), rgb);
    }

    [Fact]
    public async Task The_network_inside_the_library_names_96_percent_of_the_MNIST_digits_that_its_makers_did_not_look_at()
    {
        var labels = Idx.Read(TestData.Require("datasets", "mnist", "t10k-labels-idx1-ubyte.gz")).Bytes.ToArray();
        using var digits = new ModelZoo().Load("digits");
        var file = TestData.Require("datasets", "mnist", "t10k-images-idx3-ubyte.gz");
        var (index, right) = (2000, 0);
        await foreach (var answer in digits.ClassifyAsync(Enumerable.Range(2000, 8000).Select(i => $"{new IdxPicture(file, i)}"), cancellation: TestContext.Current.CancellationToken))
            if (labels[index++] == answer.Predictions[0].Index)
                right++;

        Assert.InRange(right, 7680, 8000);
    }

    [Fact]
    public void The_network_inside_the_library_says_what_it_is_and_proves_itself()
    {
        using var digits = new ModelZoo().Load("digits");
        var metadata = ModelMetadata.Read(digits.Session.Metadata, "digits")!;

        Assert.Equal(Digits.Names, metadata.ClassNames);
        Assert.Equal("MIT", metadata.Card!.Licence!.Id);
        Assert.Equal("eng/train-embedded.cs", metadata.Lineage!.MadeBy);
        Assert.True(digits.Card.File!.SizeBytes < 500_000);
        Assert.True(ModelVerifier.Verify(digits.Session, "digits", TestContext.Current.CancellationToken).IsGood);
    }

    private static IReadOnlyList<Glyph> Ways(string name) => char.IsDigit(name[0]) ? Digits.Ways[name[0] - '0'] : Letters.All.Single(letter => letter.Name == name).Ways;

    private static int Extent(IEnumerable<int> places) => places.Max() - places.Min() + 1;
}
