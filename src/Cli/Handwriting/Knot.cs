namespace Anneal.Cli.Handwriting;

/// <summary>A place that the pen passes: x to the right and y downwards, both from 0 to 100 across the character.</summary>
/// <param name="X">From left to right.</param>
/// <param name="Y">From top to bottom.</param>
/// <param name="IsCorner">Whether the pen turns sharply here instead of going smoothly through.</param>
internal readonly record struct Knot(double X, double Y, bool IsCorner);
