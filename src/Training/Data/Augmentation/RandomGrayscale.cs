using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>Takes the colour away, of some pictures: each pixel gets its own brightness (ITU-R 601-2, as in Pillow).</summary>
/// <param name="Probability">The share of pictures, from 0 to 1.</param>
public sealed record RandomGrayscale(double Probability = 0.1) : PictureAugmentation<bool>
{
    /// <summary>The share of pictures, from 0 to 1.</summary>
    public double Probability { get; } = AugmentationRules.Probability(nameof(RandomGrayscale), Probability);

    /// <summary>Whether the picture becomes grey.</summary>
    public override bool Draw(Draws draws, int height, int width) => draws.Uniform() < Probability;

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, bool parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (parameters)
            Blending.Grayscale(picture);
        return picture;
    }

    /// <inheritdoc/>
    public override string ToString() => $"random grayscale (probability {Probability})";
}
