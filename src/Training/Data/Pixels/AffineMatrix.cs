using System.Globalization;

namespace Anneal.Training.Data.Pixels;

/// <summary>Where a pixel of the result comes from: column A x + B y + C, row D x + E y + F.</summary>
internal readonly record struct AffineMatrix(double A, double B, double C, double D, double E, double F)
{
    /// <summary>
    /// Turning, then scaling and shearing around a centre, then moving, seen from the result: torchvision's matrix
    /// T C R S Hy Hx C⁻¹, inverted.
    /// </summary>
    public static AffineMatrix Of(AffineMotion motion, double centerX, double centerY)
    {
        var (turn, shearX, shearY) = (Radians(motion.Degrees), Radians(motion.ShearX), Radians(motion.ShearY));
        var a = Math.Cos(turn - shearY) / Math.Cos(shearY);
        var b = (-Math.Cos(turn - shearY) * Math.Tan(shearX) / Math.Cos(shearY)) - Math.Sin(turn);
        var c = Math.Sin(turn - shearY) / Math.Cos(shearY);
        var d = (-Math.Sin(turn - shearY) * Math.Tan(shearX) / Math.Cos(shearY)) + Math.Cos(turn);
        var scale = motion.Scale;
        return new AffineMatrix(d / scale, -b / scale, 0, -c / scale, a / scale, 0)
            .Around(centerX, centerY, motion.TranslateX, motion.TranslateY);
    }

    /// <summary>Turning against the clock around a centre: Pillow's, whose cosines have 15 decimals.</summary>
    public static AffineMatrix Rotation(double degrees, double centerX, double centerY)
    {
        var angle = -Radians(degrees);
        var (cosine, sine) = (Rounded(Math.Cos(angle)), Rounded(Math.Sin(angle)));
        return new AffineMatrix(cosine, sine, 0, Rounded(-Math.Sin(angle)), cosine, 0).Around(centerX, centerY, 0, 0);
    }

    private AffineMatrix Around(double x, double y, double moveX, double moveY) => this with
    {
        C = C + ((A * (-x - moveX)) + (B * (-y - moveY))) + x,
        F = F + ((D * (-x - moveX)) + (E * (-y - moveY))) + y,
    };

    private static double Radians(double degrees) => degrees * (Math.PI / 180);

    // The formatter rounds the exact binary number correctly, as Python's round does; Math.Round scales first and may be one off.
    private static double Rounded(double value) => double.Parse(value.ToString("F15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
