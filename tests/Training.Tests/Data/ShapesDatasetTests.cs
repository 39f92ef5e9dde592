using Anneal.Training.Data;

namespace Anneal.Training.Tests.Data;

/// <summary>Pictures that draw themselves.</summary>
public sealed class ShapesDatasetTests
{
    [Fact]
    public void Classes_take_turns_and_samples_are_named_by_them()
    {
        var shapes = new ShapesDataset(6);
        Assert.Equal(["circle", "square", "triangle", "cross"], shapes.ClassNames);
        Assert.Equal([0, 1, 2, 3, 0, 1], shapes.Labels());
        Assert.Equal("triangle-0002", shapes.NameOf(2));
        using var sample = shapes[5];
        Assert.Equal((1, "square-0005", 32, 32, 3), (sample.Label, sample.Source, sample.Picture.Width, sample.Picture.Height, sample.Picture.Channels));
    }

    [Fact]
    public void A_picture_depends_on_seed_and_number_alone()
    {
        Assert.Equal(Pixels(new(8, seed: 3), 5), Pixels(new(800, seed: 3), 5));
        Assert.NotEqual(Pixels(new(8, seed: 3), 5), Pixels(new(8, seed: 4), 5));
        Assert.NotEqual(Pixels(new(8, seed: 3), 1), Pixels(new(8, seed: 3), 5));
    }

    // By geometry, of the square around it a circle of radius r has π r², a square of half side 0.75 r has 2.25 r², an equilateral triangle on the
    // circle 1.3 r², a cross of bars of half width 0.25 r and half length 0.95 r has 1.65 r².
    [Theory]
    [InlineData(0, Math.PI)]
    [InlineData(1, 2.25)]
    [InlineData(2, 1.299)]
    [InlineData(3, 1.65)]
    public void A_shape_covers_what_geometry_says(int label, double factor)
    {
        // r lies evenly between 0.28 and 0.42 of the size: the mean of r² is 0.12413 of its square.
        const int Size = 48, Count = 200;
        var shapes = new ShapesDataset(4 * Count, Size);
        var bright = Enumerable.Range(0, Count).Average(i => Bright(Pixels(shapes, (4 * i) + label)) / (double)(Size * Size));
        Assert.InRange(bright / (0.12413 * factor), 0.95, 1.05);
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesDataset(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesDataset(4, size: 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesDataset(4)[4]);
    }

    // A shape's channels are at least 128 - 16, a background's at most 95 + 16.
    private static int Bright(byte[] pixels) => Enumerable.Range(0, pixels.Length / 3).Count(i => pixels[3 * i] >= 112);

    private static byte[] Pixels(ShapesDataset shapes, int index)
    {
        using var sample = shapes[index];
        var pixels = new byte[3 * shapes.Size * shapes.Size];
        sample.Picture.CopyRgbTo(pixels);
        return pixels;
    }
}
