using Anneal.Onnx;
using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>A part of the picture of a fixed size, anywhere in it or in the black border around it: the usual augmentation of CIFAR.</summary>
/// <param name="Height">Rows of the result.</param>
/// <param name="Width">Columns of the result.</param>
/// <param name="Padding">Black pixels that are put around the picture first, on each side.</param>
public sealed record RandomCrop(int Height, int Width, int Padding = 0) : PictureAugmentation<PixelWindow>
{
    /// <summary>Rows of the result.</summary>
    public int Height { get; } = AugmentationRules.Side(nameof(RandomCrop), Height);

    /// <summary>Columns of the result.</summary>
    public int Width { get; } = AugmentationRules.Side(nameof(RandomCrop), Width);

    /// <summary>Black pixels that are put around the picture first, on each side.</summary>
    public int Padding { get; } = Padding >= 0
        ? Padding
        : throw new AnnealException($"{nameof(RandomCrop)}: a border of {Padding} pixels; it must have 0 or more.");

    /// <inheritdoc/>
    public override (int Height, int Width)? OutputSize => (Height, Width);

    /// <summary>Draws the part; rows and columns are counted from the picture's first, so that a part in the border begins below 0.</summary>
    /// <exception cref="AnnealException">The part is larger than the picture with its border.</exception>
    public override PixelWindow Draw(Draws draws, int height, int width)
    {
        var (freeRows, freeColumns) = (height + (2 * Padding) - Height, width + (2 * Padding) - Width);
        return freeRows >= 0 && freeColumns >= 0
            ? new(draws.Below(freeRows + 1, 0) - Padding, draws.Below(freeColumns + 1, 1) - Padding, Height, Width)
            : throw new AnnealException($"A part of {Height} x {Width} (height x width) cannot be cut out of a picture of {height} x {width} with a border of {Padding}; resize it first, or use {nameof(RandomResizedCrop)}.");
    }

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, PixelWindow parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Canvas.Replace(picture, Cropping.Crop(picture, parameters));
    }

    /// <inheritdoc/>
    public override string ToString() => $"random crop {Height} x {Width} (border {Padding})";
}
