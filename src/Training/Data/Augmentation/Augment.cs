using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Data;

/// <summary>Pipelines for a model's card: what most trainings need, and a start for those that need something else.</summary>
public static class Augment
{
    // Pictures up to this size are classes of tiny pictures such as CIFAR's, where a resized part has no detail left.
    private const int TinySide = 64;

    /// <summary>No augmentation: what the model sees when it classifies. For validation.</summary>
    /// <param name="card">The model's card.</param>
    /// <exception cref="AnnealException">The card fixes no size.</exception>
    public static PicturePipeline None(ModelCard card)
    {
        var (height, width) = Size(card);
        return new(card.Preprocessing, height, width);
    }

    /// <summary>
    /// A random part, resized, and a flip; of tiny pictures (up to 64 pixels) a random shift within a black border and a flip. Pictures that the
    /// model reads in grey are not flipped: they are digits and letters more often than not.
    /// </summary>
    /// <inheritdoc cref="None"/>
    public static PicturePipeline Basic(ModelCard card)
    {
        var (height, width) = Size(card);
        return new(card.Preprocessing, height, width, Geometry(card, height, width));
    }

    /// <summary>As <see cref="Basic"/>, then <see cref="TrivialAugmentWide"/>, and a rectangle erased in one input of ten. For long trainings.</summary>
    /// <inheritdoc cref="None"/>
    public static PicturePipeline Strong(ModelCard card)
    {
        var (height, width) = Size(card);
        return new(card.Preprocessing, height, width, [.. Geometry(card, height, width), new TrivialAugmentWide(), new RandomErasing(0.1)]);
    }

    private static IReadOnlyList<Augmentation> Geometry(ModelCard card, int height, int width)
    {
        PictureAugmentation part = height <= TinySide && width <= TinySide
            ? new RandomCrop(height, width, Math.Max(height, width) / 8)
            : new RandomResizedCrop(height, width) { Filter = card.Preprocessing.Resize?.Filter ?? ResizeFilter.Bilinear };
        return card.Preprocessing.Color == ColorOrder.Gray ? [part] : [part, new RandomHorizontalFlip()];
    }

    private static (int Height, int Width) Size(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        if (card.Input is not { Shape.Count: 4 } input)
            return Sized(new Preprocessor(card.Preprocessing));
        var first = card.Preprocessing.Layout == TensorLayout.Nchw ? 2 : 1;
        return input.Shape[first] > 0 && input.Shape[first + 1] > 0
            ? ((int)input.Shape[first], (int)input.Shape[first + 1])
            : Sized(new Preprocessor(card.Preprocessing));
    }

    private static (int Height, int Width) Sized(Preprocessor preprocessor) => (preprocessor.Height, preprocessor.Width);
}
