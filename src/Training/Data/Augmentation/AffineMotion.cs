namespace Anneal.Training.Data;

/// <summary>How a picture is moved: turned around its middle, scaled, sheared, then shifted.</summary>
/// <param name="Degrees">The turn, with the clock, in degrees.</param>
/// <param name="TranslateX">The shift to the right, in pixels.</param>
/// <param name="TranslateY">The shift down, in pixels.</param>
/// <param name="Scale">The scale, over 0; 1 leaves it alone.</param>
/// <param name="ShearX">The shear along the rows, in degrees.</param>
/// <param name="ShearY">The shear along the columns, in degrees.</param>
public readonly record struct AffineMotion(double Degrees, int TranslateX, int TranslateY, double Scale, double ShearX, double ShearY);
