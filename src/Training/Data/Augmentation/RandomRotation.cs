using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>Turns the picture within its own size, as Pillow's <c>Image.rotate</c> does.</summary>
/// <param name="Degrees">The turn to either side, in degrees, from 0 to 180.</param>
public sealed record RandomRotation(double Degrees) : PictureAugmentation<double>
{
    /// <summary>The turn to either side, in degrees.</summary>
    public double Degrees { get; } =
        AugmentationRules.Within(nameof(RandomRotation), nameof(Degrees), DrawRange.Symmetric(Degrees), -180, 180).Greatest;

    /// <summary>How a pixel between pixels is found; nearest by default.</summary>
    public Interpolation Interpolation { get; init; }

    /// <summary>The brightness of what comes from outside of the picture, in every channel; black by default.</summary>
    public byte Fill { get; init; }

    /// <summary>Draws the turn, in degrees against the clock.</summary>
    public override double Draw(Draws draws, int height, int width) => DrawRange.Symmetric(Degrees).At(draws.Uniform());

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, double parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Rotation.Run(picture, parameters, Interpolation, Fill);
    }

    /// <inheritdoc/>
    public override string ToString() => $"random rotation ({Degrees} degrees, {Interpolation})";
}
