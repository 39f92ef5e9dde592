using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>
/// Colours turned around the wheel: to Pillow's HSV of bytes, a shift of the hue's byte, and back. The mixture of single and double precision
/// is that of Pillow's conversion and shows in the bytes.
/// </summary>
internal static class Hue
{
    /// <summary>Turns all colours of a picture, in place.</summary>
    /// <param name="picture">The picture; grey ones have no colour to turn.</param>
    /// <param name="turn">Turns around the wheel, from -0.5 to 0.5.</param>
    public static void Shift(Picture picture, double turn)
    {
        if (picture.PixelBytes == 1)
            return;
        var steps = unchecked((byte)(int)(turn * 255));
        var bytes = Canvas.Bytes(picture);
        for (var i = 0; i < bytes.Length; i += 4)
        {
            var (hue, saturation, value) = ToHsv(bytes[i], bytes[i + 1], bytes[i + 2]);
            (bytes[i], bytes[i + 1], bytes[i + 2]) = ToRgb(unchecked((byte)(hue + steps)), saturation, value);
        }
    }

    private static (byte Hue, byte Saturation, byte Value) ToHsv(byte red, byte green, byte blue)
    {
        var (most, least) = (Math.Max(red, Math.Max(green, blue)), Math.Min(red, Math.Min(green, blue)));
        if (most == least)
            return (0, 0, most);
        var range = (float)(most - least);
        var saturation = range / most;
        var (r, g, b) = ((most - red) / range, (most - green) / range, (most - blue) / range);
        var sector = red == most ? b - g : (float)(green == most ? 2.0 + r - b : 4.0 + g - r);
        var hue = (float)(((sector / 6.0) + 1.0) % 1.0);
        return (Byte((int)(hue * 255.0)), Byte((int)(saturation * 255.0)), most);
    }

    private static (byte Red, byte Green, byte Blue) ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0)
            return (value, value, value);
        var sector = (int)Math.Floor(hue * 6.0 / 255.0);
        var rest = (float)((hue * 6.0 / 255.0) - sector);
        var depth = (float)(saturation / 255.0);
        var low = Rounded(value * (1.0 - depth));
        var falling = Rounded(value * (1.0 - (depth * rest)));
        var rising = Rounded(value * (1.0 - (depth * (1.0 - rest))));
        return (sector % 6) switch
        {
            0 => (value, rising, low),
            1 => (falling, value, low),
            2 => (low, value, rising),
            3 => (low, falling, value),
            4 => (rising, low, value),
            _ => (value, low, falling),
        };
    }

    private static byte Rounded(double value) => Byte((int)Math.Round(value, MidpointRounding.AwayFromZero));

    private static byte Byte(int value) => (byte)Math.Clamp(value, 0, 255);
}
