using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>Turns, shifts, scales and shears the picture within its own size, as torchvision does on Pillow's pictures.</summary>
/// <param name="Degrees">The turn to either side, in degrees, from 0 to 180.</param>
public sealed record RandomAffine(double Degrees) : PictureAugmentation<AffineMotion>
{
    /// <summary>The turn to either side, in degrees.</summary>
    public double Degrees { get; } =
        AugmentationRules.Within(nameof(RandomAffine), nameof(Degrees), DrawRange.Symmetric(Degrees), -180, 180).Greatest;

    /// <summary>The shift to either side, as a share of the width and of the height, from 0 to 1; none by default.</summary>
    public (double X, double Y) Translate { get; init => field = (Share(value.X), Share(value.Y)); }

    /// <summary>The scale; 1 by default.</summary>
    public DrawRange Scale { get; init => field = AugmentationRules.Within(nameof(RandomAffine), nameof(Scale), value, 1e-3, 1e3); } = new(1, 1);

    /// <summary>The shear along the rows, in degrees, within -89 to 89; none by default.</summary>
    public DrawRange ShearX { get; init => field = AugmentationRules.Within(nameof(RandomAffine), nameof(ShearX), value, -89, 89); }

    /// <summary>The shear along the columns, in degrees, within -89 to 89; none by default.</summary>
    public DrawRange ShearY { get; init => field = AugmentationRules.Within(nameof(RandomAffine), nameof(ShearY), value, -89, 89); }

    /// <summary>How a pixel between pixels is found; nearest by default.</summary>
    public Interpolation Interpolation { get; init; }

    /// <summary>The brightness of what comes from outside of the picture, in every channel; black by default.</summary>
    public byte Fill { get; init; }

    /// <inheritdoc/>
    public override AffineMotion Draw(Draws draws, int height, int width)
    {
        var (x, y) = (DrawRange.Symmetric(Translate.X * width), DrawRange.Symmetric(Translate.Y * height));
        return new(DrawRange.Symmetric(Degrees).At(draws.Uniform(0)), (int)Math.Round(x.At(draws.Uniform(1))), (int)Math.Round(y.At(draws.Uniform(2))),
            Scale.At(draws.Uniform(3)), ShearX.At(draws.Uniform(4)), ShearY.At(draws.Uniform(5)));
    }

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, AffineMotion parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Warp.Run(picture, AffineMatrix.Of(parameters, picture.Width * 0.5, picture.Height * 0.5), Interpolation, Fill);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"random affine ({Degrees} degrees, shift {Translate.X} x {Translate.Y}, scale {Scale}, shear {ShearX} and {ShearY}, {Interpolation})";

    private static double Share(double value) =>
        AugmentationRules.Within(nameof(RandomAffine), nameof(Translate), DrawRange.Symmetric(value), -1, 1).Greatest;
}
