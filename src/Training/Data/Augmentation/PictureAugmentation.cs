using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>A random change of a picture's pixels.</summary>
public abstract record PictureAugmentation : Augmentation
{
    private protected PictureAugmentation() { }

    /// <summary>The size that every picture has afterwards; null where it stays as it was.</summary>
    public virtual (int Height, int Width)? OutputSize => null;

    /// <summary>Draws and applies. The picture is taken over: it comes back changed, or is given back and another one comes.</summary>
    public abstract Picture Run(Picture picture, Draws draws);
}

/// <summary>A random change of a picture's pixels.</summary>
/// <typeparam name="TParameters">What is drawn for a picture.</typeparam>
public abstract record PictureAugmentation<TParameters> : PictureAugmentation
{
    /// <summary>Draws what to do.</summary>
    /// <param name="draws">The random numbers of this use for this sample.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    public abstract TParameters Draw(Draws draws, int height, int width);

    /// <summary>Does what was drawn. The picture is taken over: it comes back changed, or is given back and another one comes.</summary>
    public abstract Picture Apply(Picture picture, TParameters parameters);

    /// <inheritdoc/>
    public sealed override Picture Run(Picture picture, Draws draws)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Apply(picture, Draw(draws, picture.Height, picture.Width));
    }
}
