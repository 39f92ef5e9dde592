using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// Pictures that are drawn when they are asked for: a bright circle, square, triangle or cross of any size and angle on a dark background, with some
/// noise over both. For a first training without a download, for demonstrations and tests; the same seed gives the
/// same pictures on every machine. A small convolutional network tells the four apart in seconds, a linear one does not.
/// </summary>
/// <param name="count">How many pictures there are, at least 1; each class has as many as the others, give or take one.</param>
/// <param name="size">Rows and columns, at least 8.</param>
/// <param name="seed">Which of the many possible sets.</param>
public sealed class ShapesDataset(int count, int size = 32, ulong seed = 0) : IDataset<PictureSample>
{
    // How far one channel of a pixel may be from its colour, of 255.
    private const int Noise = 16;

    private readonly Draws _draws = new Draws(seed).For("shapes");

    /// <inheritdoc/>
    public int Count { get; } = count >= 1 ? count : throw new ArgumentOutOfRangeException(nameof(count), count, "At least one picture is drawn.");

    /// <summary>Rows and columns of every picture.</summary>
    public int Size { get; } = size >= 8 ? size : throw new ArgumentOutOfRangeException(nameof(size), size, "A shape needs 8 pixels.");

    /// <summary>circle, square, triangle, cross.</summary>
    public IReadOnlyList<string> ClassNames { get; } = ["circle", "square", "triangle", "cross"];

    /// <summary>A picture of red, green and blue; its <see cref="PictureSample.Source"/> is its class and number.</summary>
    public PictureSample this[int index] => new(Draw(LabelOf(index)!.Value, _draws.At(index)), LabelOf(index)!.Value, NameOf(index));

    /// <inheritdoc/>
    public int? LabelOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index % ClassNames.Count;
    }

    /// <summary>The class and the number: <c>circle-0008</c>.</summary>
    public string NameOf(int index) => $"{ClassNames[LabelOf(index)!.Value]}-{index:D4}";

    private Picture Draw(int label, Draws draws)
    {
        var pixels = new byte[3 * Size * Size];
        var (shape, background) = Colors(draws.For("color"));
        var place = draws.For("place");
        var radius = Size * place.Uniform(0.28, 0.42, 0);
        var (x, y) = (place.Uniform(radius, Size - radius, 1), place.Uniform(radius, Size - radius, 2));
        var (sin, cos) = Math.SinCos(place.Uniform(0, 2 * Math.PI, 3));
        var noise = draws.For("noise");
        for (var i = 0; i < pixels.Length; i++)
        {
            var (dx, dy) = ((i / 3 % Size) + 0.5 - x, (i / 3 / Size) + 0.5 - y);
            var isInside = IsInside(label, ((cos * dx) + (sin * dy)) / radius, ((cos * dy) - (sin * dx)) / radius);
            pixels[i] = (byte)Math.Clamp((isInside ? shape : background)[i % 3] + noise.Below((2 * Noise) + 1, i) - Noise, 0, 255);
        }
        return Picture.FromPixels(Size, Size, pixels);
    }

    /// <summary>Whether a point lies in a shape that fits the circle of radius 1 around 0.</summary>
    private static bool IsInside(int label, double u, double v) => label switch
    {
        0 => (u * u) + (v * v) < 1,
        1 => Math.Max(Math.Abs(u), Math.Abs(v)) < 0.75,
        // Three corners on the circle: below each of three straight lines that are half a radius away.
        2 => v < 0.5 && (0.866 * u) - (0.5 * v) < 0.5 && (-0.866 * u) - (0.5 * v) < 0.5,
        _ => Math.Min(Math.Abs(u), Math.Abs(v)) < 0.25 && Math.Max(Math.Abs(u), Math.Abs(v)) < 0.95,
    };

    private static (int[] Shape, int[] Background) Colors(Draws draws) =>
        ([.. Enumerable.Range(0, 3).Select(channel => 128 + draws.Below(128, channel))], [.. Enumerable.Range(3, 3).Select(channel => draws.Below(96, channel))]);
}
