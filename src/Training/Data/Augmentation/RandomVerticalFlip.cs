using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>Swaps top and bottom, of some pictures.</summary>
/// <param name="Probability">The share of pictures, from 0 to 1.</param>
public sealed record RandomVerticalFlip(double Probability = 0.5) : PictureAugmentation<bool>
{
    /// <summary>The share of pictures, from 0 to 1.</summary>
    public double Probability { get; } = AugmentationRules.Probability(nameof(RandomVerticalFlip), Probability);

    /// <summary>Whether the picture is flipped.</summary>
    public override bool Draw(Draws draws, int height, int width) => draws.Uniform() < Probability;

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, bool parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return parameters ? Mirror.Vertically(picture) : picture;
    }

    /// <inheritdoc/>
    public override string ToString() => $"random vertical flip (probability {Probability})";
}
