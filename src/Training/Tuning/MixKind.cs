namespace Anneal.Training.Tuning;

/// <summary>How pictures of a batch are mixed with one another while they are learned from.</summary>
public enum MixKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Two pictures are laid over one another: <see cref="Data.Mixup"/> with α 0.2.</summary>
    Mixup,

    /// <summary>A part of a picture is put into another: <see cref="Data.CutMix"/> with α 1.</summary>
    CutMix,

    /// <summary>One of the two for each batch.</summary>
    Both,
}
