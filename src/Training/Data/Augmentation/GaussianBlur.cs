using Anneal.Onnx;
using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>Blurs the picture, as Pillow's <c>ImageFilter.GaussianBlur</c> does: with three box filters each way, which come close to a Gaussian.</summary>
/// <param name="Deviation">The standard deviation of the Gaussian, in pixels, over 0.</param>
public sealed record GaussianBlur(DrawRange Deviation) : PictureAugmentation<double>
{
    /// <summary>The standard deviation of the Gaussian, in pixels.</summary>
    public DrawRange Deviation { get; } = Deviation.Least > 0
        ? AugmentationRules.Within(nameof(GaussianBlur), nameof(Deviation), Deviation, 0, 1e3)
        : throw new AnnealException($"{nameof(GaussianBlur)}.{nameof(Deviation)} is {Deviation}; a Gaussian's deviation is over 0.");

    /// <summary>Draws the standard deviation, in pixels.</summary>
    public override double Draw(Draws draws, int height, int width) => Deviation.At(draws.Uniform());

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, double parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Smoothing.Gaussian(picture, parameters);
        return picture;
    }

    /// <inheritdoc/>
    public override string ToString() => $"Gaussian blur (deviation {Deviation})";
}
