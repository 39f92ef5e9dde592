using System.Security.Cryptography;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Data;

/// <summary>Pictures that are formulas, the same as in eng/augment-reference.py.</summary>
internal static class Pattern
{
    public static Picture Of(string name, int width, int height, int channels)
    {
        var bytes = new byte[width * height * channels];
        var at = 0;
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var channel = 0; channel < channels; channel++)
                    bytes[at++] = Value(name, x, y, channel, width, height);
        return Picture.FromPixels(width, height, bytes);
    }

    /// <summary>The digest of the pixels: red, green, blue, or one byte of grey.</summary>
    public static string Digest(Picture picture)
    {
        var rgb = new byte[3 * picture.Width * picture.Height];
        picture.CopyRgbTo(rgb);
        return Digest(picture.Channels == 3 ? rgb : [.. rgb.Where((_, i) => i % 3 == 0)]);
    }

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte Value(string name, int x, int y, int channel, int width, int height) => name switch
    {
        "noise" => Noise(x, y, channel),
        "waves" => (byte)(channel switch { 0 => (3 * x) + (5 * y), 1 => x * y, _ => (7 * x) ^ (11 * y) }),
        "soft" => (byte)(channel switch { 0 => 40 + (x * 150 / width), 1 => 30 + (y * 180 / height), _ => 60 + ((x + y) * 120 / (width + height)) }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such pattern."),
    };

    private static byte Noise(int x, int y, int channel)
    {
        unchecked
        {
            var v = ((uint)x * 73856093) ^ ((uint)y * 19349663) ^ ((uint)(channel + 1) * 83492791);
            return (byte)(((v ^ (v >> 15)) * 2246822519) >> 24);
        }
    }
}
