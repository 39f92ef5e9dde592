namespace Anneal.Training.Data;

/// <summary>What a change of colour changes.</summary>
public enum ColorProperty
{
    /// <summary>Factor 0 is black, 1 the picture, 2 twice as bright.</summary>
    Brightness,

    /// <summary>Factor 0 is the mean grey, 1 the picture.</summary>
    Contrast,

    /// <summary>Factor 0 is grey, 1 the picture.</summary>
    Saturation,

    /// <summary>Turns around the colour wheel, from -0.5 to 0.5; 0 is the picture.</summary>
    Hue,
}

/// <summary>One change of a picture's colours.</summary>
/// <param name="Property">What is changed.</param>
/// <param name="Factor">By how much.</param>
public readonly record struct ColorChange(ColorProperty Property, double Factor);
