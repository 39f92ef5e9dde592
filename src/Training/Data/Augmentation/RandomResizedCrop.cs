using Anneal.Training.Data.Pixels;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// A part of the picture of random area and shape, resized ("Going Deeper with Convolutions", Szegedy et al., 2015). Drawn by torchvision's
/// rule: ten attempts, then the middle in the nearest shape allowed; resized as Pillow does it.
/// </summary>
/// <param name="Height">Rows of the result.</param>
/// <param name="Width">Columns of the result.</param>
public sealed record RandomResizedCrop(int Height, int Width) : PictureAugmentation<PixelWindow>
{
    private const int Attempts = 10;

    /// <summary>Rows of the result.</summary>
    public int Height { get; } = AugmentationRules.Side(nameof(RandomResizedCrop), Height);

    /// <summary>Columns of the result.</summary>
    public int Width { get; } = AugmentationRules.Side(nameof(RandomResizedCrop), Width);

    /// <summary>The part's share of the picture's area; 0.08 to 1 by default.</summary>
    public DrawRange Area { get; init => field = AugmentationRules.Within(nameof(RandomResizedCrop), nameof(Area), value, 0, 1); } = new(0.08, 1);

    /// <summary>The part's width over its height; 3/4 to 4/3 by default, drawn evenly on a logarithmic scale.</summary>
    public DrawRange Ratio { get; init => field = AugmentationRules.Within(nameof(RandomResizedCrop), nameof(Ratio), value, 1e-3, 1e3); } = new(3.0 / 4, 4.0 / 3);

    /// <summary>The filter of the resize; bilinear by default.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bilinear;

    /// <inheritdoc/>
    public override (int Height, int Width)? OutputSize => (Height, Width);

    /// <inheritdoc/>
    public override PixelWindow Draw(Draws draws, int height, int width) => Choose(height, width, index => draws.Uniform(index));

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, PixelWindow parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Canvas.Replace(picture, Cropping.ResizedCrop(picture, parameters, Height, Width, Filter));
    }

    /// <inheritdoc/>
    public override string ToString() => $"random resized crop {Height} x {Width} (area {Area}, ratio {Ratio.Least:0.##} to {Ratio.Greatest:0.##}, {Filter})";

    /// <summary>The part for uniform numbers: four an attempt, for area, shape, row and column.</summary>
    internal PixelWindow Choose(int height, int width, Func<int, double> uniform)
    {
        var logRatio = new DrawRange(Math.Log(Ratio.Least), Math.Log(Ratio.Greatest));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = (double)height * width * Area.At(uniform(4 * attempt));
            var ratio = Math.Exp(logRatio.At(uniform((4 * attempt) + 1)));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w > 0 && w <= width && h > 0 && h <= height)
                return new((int)(uniform((4 * attempt) + 2) * (height - h + 1)), (int)(uniform((4 * attempt) + 3) * (width - w + 1)), h, w);
        }
        return Middle(height, width);
    }

    private PixelWindow Middle(int height, int width)
    {
        var ratio = (double)width / height;
        var (h, w) = ratio < Ratio.Least ? ((int)Math.Round(width / Ratio.Least), width)
            : ratio > Ratio.Greatest ? (height, (int)Math.Round(height * Ratio.Greatest))
            : (height, width);
        return new((height - h) / 2, (width - w) / 2, h, w);
    }
}
