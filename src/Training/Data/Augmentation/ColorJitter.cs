using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// Changes brightness, contrast, saturation and hue at random, in random order, as torchvision does on Pillow's pictures. Each is given as
/// how far it may go: brightness 0.4 draws factors from 0.6 to 1.4, and none below 0; hue 0.1 draws turns from -0.1 to 0.1.
/// </summary>
/// <param name="Brightness">0 or more; 0 leaves it alone.</param>
/// <param name="Contrast">0 or more; 0 leaves it alone.</param>
/// <param name="Saturation">0 or more; 0 leaves it alone.</param>
/// <param name="Hue">0 to 0.5; 0 leaves it alone.</param>
public sealed record ColorJitter(double Brightness = 0, double Contrast = 0, double Saturation = 0, double Hue = 0)
    : PictureAugmentation<IReadOnlyList<ColorChange>>
{
    private readonly (ColorProperty Property, DrawRange Range)[] _changes =
    [
        (ColorProperty.Brightness, Around(nameof(Brightness), Brightness)),
        (ColorProperty.Contrast, Around(nameof(Contrast), Contrast)),
        (ColorProperty.Saturation, Around(nameof(Saturation), Saturation)),
        (ColorProperty.Hue, AugmentationRules.Within(nameof(ColorJitter), nameof(Hue), DrawRange.Symmetric(Hue), -0.5, 0.5)),
    ];

    /// <summary>How far the brightness may go.</summary>
    public double Brightness { get; } = Brightness;

    /// <summary>How far the contrast may go.</summary>
    public double Contrast { get; } = Contrast;

    /// <summary>How far the saturation may go.</summary>
    public double Saturation { get; } = Saturation;

    /// <summary>How far the hue may go.</summary>
    public double Hue { get; } = Hue;

    /// <summary>Draws the changes, in the order in which they are made; those that are left alone are not among them.</summary>
    public override IReadOnlyList<ColorChange> Draw(Draws draws, int height, int width) =>
    [
        .. draws.For("order").Permutation(_changes.Length)
            .Where(i => _changes[i].Range.Least < _changes[i].Range.Greatest)
            .Select(i => new ColorChange(_changes[i].Property, _changes[i].Range.At(draws.Uniform(i)))),
    ];

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, IReadOnlyList<ColorChange> parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var change in parameters)
            Apply(picture, change);
        return picture;
    }

    /// <inheritdoc/>
    public override string ToString() => $"color jitter (brightness {Brightness}, contrast {Contrast}, saturation {Saturation}, hue {Hue})";

    private static void Apply(Picture picture, ColorChange change)
    {
        switch (change.Property)
        {
            case ColorProperty.Brightness: Blending.Brightness(picture, change.Factor); break;
            case ColorProperty.Contrast: Blending.Contrast(picture, change.Factor); break;
            case ColorProperty.Saturation: Blending.Saturation(picture, change.Factor); break;
            case ColorProperty.Hue: Pixels.Hue.Shift(picture, change.Factor); break;
            default: throw new ArgumentOutOfRangeException(nameof(change), change.Property, "No such property.");
        }
    }

    private static DrawRange Around(string name, double reach) =>
        AugmentationRules.Within(nameof(ColorJitter), name, new(Math.Max(0, 1 - reach), 1 + reach), 0, 1e3);
}
