namespace Anneal.Training.Data;

/// <summary>What <see cref="RandomErasing"/> does to an input.</summary>
/// <param name="Window">The rectangle; null when nothing is erased.</param>
/// <param name="Noise">The normal numbers of the rectangle, one for each channel, row and column; null where it gets the fixed value.</param>
public readonly record struct Erasure(PixelWindow? Window, Draws? Noise);
