namespace Anneal.Zoo.Images;

/// <summary>The five filters as functions of the distance from the centre, as Pillow defines them.</summary>
internal static class FilterFunction
{
    /// <summary>The distance at which a filter becomes zero, in output pixels.</summary>
    internal static double Support(ResizeFilter filter) => filter switch
    {
        ResizeFilter.Box => 0.5,
        ResizeFilter.Bilinear or ResizeFilter.Hamming => 1,
        ResizeFilter.Bicubic => 2,
        ResizeFilter.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
    };

    /// <summary>The weight at distance <paramref name="x"/>, before normalisation.</summary>
    internal static double Value(ResizeFilter filter, double x) => filter switch
    {
        // The borders belong to the pixel on their left: open below, closed above.
        ResizeFilter.Box => x > -0.5 && x <= 0.5 ? 1 : 0,
        ResizeFilter.Bilinear => Math.Max(0, 1 - Math.Abs(x)),
        ResizeFilter.Hamming => Hamming(Math.Abs(x)),
        ResizeFilter.Bicubic => Bicubic(Math.Abs(x)),
        ResizeFilter.Lanczos => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
    };

    private static double Hamming(double x) => x switch
    {
        0 => 1,
        >= 1 => 0,
        // The constants are floats there, which shows in the last of the 22 bits.
        _ => Sinc(x) * (0.54f + 0.46f * Math.Cos(x * Math.PI)),
    };

    private static double Bicubic(double x)
    {
        const double A = -0.5;
        return x switch
        {
            < 1 => ((A + 2) * x - (A + 3)) * x * x + 1,
            < 2 => (((x - 5) * x + 8) * x - 4) * A,
            _ => 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
