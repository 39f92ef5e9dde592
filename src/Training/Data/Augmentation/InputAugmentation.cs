namespace Anneal.Training.Data;

/// <summary>A random change of a model's input, after its normalisation.</summary>
public abstract record InputAugmentation : Augmentation
{
    private protected InputAugmentation() { }

    /// <summary>Draws and applies, in place.</summary>
    /// <param name="slot">The numbers.</param>
    /// <param name="layout">Where the pixels stand in them.</param>
    /// <param name="draws">The random numbers of this use for this sample.</param>
    public abstract void Run(Span<float> slot, SlotLayout layout, Draws draws);
}

/// <summary>A random change of a model's input, after its normalisation.</summary>
/// <typeparam name="TParameters">What is drawn for an input.</typeparam>
public abstract record InputAugmentation<TParameters> : InputAugmentation
{
    /// <summary>Draws what to do.</summary>
    /// <param name="draws">The random numbers of this use for this sample.</param>
    /// <param name="layout">The size of the input.</param>
    public abstract TParameters Draw(Draws draws, SlotLayout layout);

    /// <summary>Does what was drawn, in place.</summary>
    /// <param name="slot">The numbers.</param>
    /// <param name="layout">Where the pixels stand in them.</param>
    /// <param name="parameters">What was drawn.</param>
    public abstract void Apply(Span<float> slot, SlotLayout layout, TParameters parameters);

    /// <inheritdoc/>
    public sealed override void Run(Span<float> slot, SlotLayout layout, Draws draws) => Apply(slot, layout, Draw(draws, layout));
}
