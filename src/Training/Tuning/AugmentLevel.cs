namespace Anneal.Training.Tuning;

/// <summary>How much pictures are changed at random while they are learned from: the pipelines of <see cref="Data.Augment"/>.</summary>
public enum AugmentLevel
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>A part of the picture, and a flip: <see cref="Data.Augment.Basic"/>.</summary>
    Basic,

    /// <summary>Colours and shapes too: <see cref="Data.Augment.Strong"/>.</summary>
    Strong,
}
