using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// The keys that ONNX defines for models of pictures (docs/MetadataProps.md), as far as they can say what a card says: the order of channels,
/// the colour space, and the range of the numbers that the model is fed. Mean and deviation of a channel are beyond them.
/// </summary>
internal static class ImageProperties
{
    private const double Close = 1e-6;

    private static readonly (string Name, double Low, double High)[] Ranges =
    [
        ("NominalRange_0_255", 0, 255),
        ("Normalized_0_1", 0, 1),
        ("Normalized_1_1", -1, 1),
        ("NominalRange_16_235", 16, 235),
    ];

    /// <summary>Writes what can be said, and takes out what would contradict the card.</summary>
    public static void Write(Preprocessing steps, Metadata metadata)
    {
        Set(metadata, "Image.BitmapPixelFormat", steps.Color switch { ColorOrder.Gray => "Gray8", ColorOrder.Bgr => "Bgr8", _ => "Rgb8" });
        // Bytes go into the model as the file has them; nothing makes them linear.
        Set(metadata, "Image.ColorSpaceGamma", "SRGB");
        Set(metadata, "Image.NominalPixelRange", RangeOf(steps));
    }

    /// <summary>The name of the range that bytes of 0 to 255 end up in on every channel, or null when it has none.</summary>
    private static string? RangeOf(Preprocessing steps)
    {
        var channels = Enumerable.Range(0, steps.Color is ColorOrder.Gray ? 1 : 3).ToList();
        return Array.Find(Ranges, range => channels.TrueForAll(channel => IsClose(Feed(steps, channel, 0), range.Low) && IsClose(Feed(steps, channel, 255), range.High))).Name;
    }

    private static double Feed(Preprocessing steps, int channel, double value) =>
        ((value / steps.Divide) - (steps.Mean?[channel] ?? 0)) / (steps.Std?[channel] ?? 1);

    private static bool IsClose(double a, double b) => Math.Abs(a - b) <= Close * Math.Max(1, Math.Abs(b));

    /// <summary>Sets a key, whose letters may be of either case in a file that others wrote.</summary>
    private static void Set(Metadata metadata, string key, string? value)
    {
        var there = metadata.Where(entry => entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).ToList();
        if (there is [var only] && only.Value.Equals(value, StringComparison.OrdinalIgnoreCase))
            return;
        foreach (var entry in there)
            metadata[entry.Key] = null;
        metadata[key] = value;
    }
}
