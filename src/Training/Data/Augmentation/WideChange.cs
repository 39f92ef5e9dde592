namespace Anneal.Training.Data;

/// <summary>The changes that <see cref="TrivialAugmentWide"/> chooses from.</summary>
public enum WideChangeKind
{
    /// <summary>None.</summary>
    Identity,

    /// <summary>A shear along the rows: columns a row.</summary>
    ShearX,

    /// <summary>A shear along the columns: rows a column.</summary>
    ShearY,

    /// <summary>A shift to the right, in pixels.</summary>
    TranslateX,

    /// <summary>A shift down, in pixels.</summary>
    TranslateY,

    /// <summary>A turn against the clock, in degrees.</summary>
    Rotate,

    /// <summary>Brightness, less 1.</summary>
    Brightness,

    /// <summary>Saturation, less 1.</summary>
    Color,

    /// <summary>Contrast, less 1.</summary>
    Contrast,

    /// <summary>Sharpness, less 1.</summary>
    Sharpness,

    /// <summary>The bits of each channel that are kept.</summary>
    Posterize,

    /// <summary>The value from which on pixels are inverted.</summary>
    Solarize,

    /// <summary>Every channel stretched to the whole range.</summary>
    AutoContrast,

    /// <summary>Every channel's brightnesses made equally frequent.</summary>
    Equalize,
}

/// <summary>One change of <see cref="TrivialAugmentWide"/>.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Magnitude">How much, in the kind's unit.</param>
public readonly record struct WideChange(WideChangeKind Kind, double Magnitude);
