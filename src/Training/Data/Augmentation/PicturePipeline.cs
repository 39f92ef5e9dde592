using Anneal.Onnx;
using Anneal.Training.Data.Pixels;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// From a picture to a model's input: turned upright and to grey where the card says so, augmented, then resized and normalised as the card
/// says. An augmentation that fixes the size stands in for the card's resize and crop. Without augmentation the input is what
/// <see cref="Preprocessor"/> makes, to the bit. Printing a pipeline lists its steps.
/// </summary>
public sealed class PicturePipeline : ISampleEncoder<PictureSample>
{
    private readonly Preprocessing _preprocessing;
    private readonly Preprocessor _preprocessor;
    private readonly (PictureAugmentation Step, int Use)[] _pictureSteps;
    private readonly (InputAugmentation Step, int Use)[] _inputSteps;
    private readonly SlotLayout _layout;

    /// <summary>A pipeline for steps that fix the size themselves: by an augmentation, a crop or a stretch.</summary>
    /// <param name="preprocessing">How the model wants its pictures: the card's.</param>
    /// <param name="augmentations">What is done at random, in this order: changes of the picture, then of the input.</param>
    /// <exception cref="AnnealException">Nothing fixes the size, or the order is another.</exception>
    public PicturePipeline(Preprocessing preprocessing, params IReadOnlyList<Augmentation> augmentations)
        : this(preprocessing, augmentations, null) { }

    /// <summary>A pipeline for a model whose input has a size.</summary>
    /// <param name="preprocessing">How the model wants its pictures: the card's.</param>
    /// <param name="height">Rows of the model's input.</param>
    /// <param name="width">Columns of the model's input.</param>
    /// <param name="augmentations">What is done at random, in this order: changes of the picture, then of the input.</param>
    /// <exception cref="AnnealException">The steps give another size, or the order is another.</exception>
    public PicturePipeline(Preprocessing preprocessing, int height, int width, params IReadOnlyList<Augmentation> augmentations)
        : this(preprocessing, augmentations, (height, width)) { }

    private PicturePipeline(Preprocessing preprocessing, IReadOnlyList<Augmentation> augmentations, (int Height, int Width)? size)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(augmentations);
        RequireOrder(augmentations);
        (_preprocessing, Augmentations) = (preprocessing, [.. augmentations]);
        (_pictureSteps, _inputSteps) = (Numbered<PictureAugmentation>(), Numbered<InputAugmentation>());
        _preprocessor = Last(size);
        Shape = preprocessing.Layout == TensorLayout.Nchw
            ? [_preprocessor.Channels, _preprocessor.Height, _preprocessor.Width]
            : [_preprocessor.Height, _preprocessor.Width, _preprocessor.Channels];
        _layout = new(Shape, preprocessing.Layout);
    }

    /// <summary>What is done at random, in this order.</summary>
    public IReadOnlyList<Augmentation> Augmentations { get; }

    /// <summary>The shape of one input: [C,H,W], or [H,W,C] where the card says so.</summary>
    public TensorShape Shape { get; }

    /// <summary>How the model wants its pictures.</summary>
    internal Preprocessing Preprocessing => _preprocessing;

    /// <inheritdoc/>
    public long Encode(PictureSample sample, Span<float> slot, Draws draws)
    {
        ArgumentNullException.ThrowIfNull(sample);
        Prepare(sample);
        foreach (var (step, use) in _pictureSteps)
            sample.Picture = step.Run(sample.Picture, draws.For(step.GetType().Name).At(use));
        _preprocessor.Run(sample.Picture, slot);
        foreach (var (step, use) in _inputSteps)
            step.Run(slot, _layout, draws.For(step.GetType().Name).At(use));
        return sample.Label;
    }

    /// <summary>The steps, a line each.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [
        .. _pictureSteps.Select(step => step.Step.ToString()),
        PreprocessingLine(),
        .. _inputSteps.Select(step => step.Step.ToString()),
    ]);

    // The card's order: orientation and colour come before anything that looks at sizes or colours.
    private void Prepare(PictureSample sample)
    {
        if (_preprocessing.Orientation == OrientationPolicy.Apply && sample.Picture.Orientation != 1)
            sample.Picture = Canvas.Replace(sample.Picture, Turning.Upright(sample.Picture));
        if (_preprocessing.Color == ColorOrder.Gray && sample.Picture.Channels != 1)
            sample.Picture = Canvas.Replace(sample.Picture, Canvas.Gray(sample.Picture));
    }

    private Preprocessor Last((int Height, int Width)? size)
    {
        var drawn = _pictureSteps.Select(step => step.Step.OutputSize).LastOrDefault(output => output is not null);
        var rest = _preprocessing with { Orientation = OrientationPolicy.Ignore };
        if (drawn is not var (height, width))
            return size is var (givenHeight, givenWidth) ? new(rest, givenHeight, givenWidth) : new(rest);
        if (size is not null && size != drawn)
            throw new AnnealException(
                $"The augmentation makes pictures of {height} x {width} (height x width); the model takes {size.Value.Height} x {size.Value.Width}.");
        return new(rest with { Resize = null, Crop = null }, height, width);
    }

    // The first, second, … step of a kind draw different numbers, and adding a step of another kind changes none of them.
    private (TStep Step, int Use)[] Numbered<TStep>() where TStep : Augmentation
    {
        var uses = new Dictionary<Type, int>();
        return [.. Augmentations.OfType<TStep>().Select(step => (step, uses[step.GetType()] = uses.GetValueOrDefault(step.GetType(), -1) + 1))];
    }

    private static void RequireOrder(IReadOnlyList<Augmentation> augmentations)
    {
        var firstOfInput = augmentations.TakeWhile(step => step is PictureAugmentation).Count();
        if (augmentations.Skip(firstOfInput).OfType<PictureAugmentation>().FirstOrDefault() is { } late)
            throw new AnnealException(
                $"'{late}' changes the picture and must come before '{augmentations[firstOfInput]}', which changes the normalised input.");
    }

    private string PreprocessingLine()
    {
        var fixesSize = _pictureSteps.Any(step => step.Step.OutputSize is not null);
        var resize = fixesSize || _preprocessing.Resize is not { } to ? "" : $"resize {to.Mode} {to.Height} x {to.Width} ({to.Filter}), ";
        var crop = fixesSize || _preprocessing.Crop is not { } cut ? "" : $"crop {cut.Height} x {cut.Width}, ";
        var mean = _preprocessing.Mean is null ? "" : $", less ({string.Join(", ", _preprocessing.Mean)})";
        var std = _preprocessing.Std is null ? "" : $", by ({string.Join(", ", _preprocessing.Std)})";
        return $"{resize}{crop}{_preprocessing.Color}, by {_preprocessing.Divide}{mean}{std}, to {Shape}";
    }
}
