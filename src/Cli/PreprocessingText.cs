using System.Globalization;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>How pictures are prepared, in one readable line.</summary>
internal static class PreprocessingText
{
    public static string Of(Preprocessing steps) => string.Join("; ", Steps(steps));

    private static IEnumerable<string> Steps(Preprocessing steps)
    {
        yield return steps.Color switch { ColorOrder.Rgb => "RGB", ColorOrder.Bgr => "BGR", _ => "grey" };
        if (steps.Orientation == OrientationPolicy.Apply)
            yield return "turned upright";
        if (steps.Resize is { } resize)
            yield return Of(resize);
        if (steps.Crop is { } crop)
            yield return $"centre {crop.Height} x {crop.Width}";
        if (steps.Divide != 1)
            yield return $"/ {Number(steps.Divide)}";
        if (steps.Mean is { } mean)
            yield return $"- ({string.Join(", ", mean.Select(Number))})";
        if (steps.Std is { } std)
            yield return $"/ ({string.Join(", ", std.Select(Number))})";
        yield return steps.Layout == TensorLayout.Nchw ? "[N,C,H,W]" : "[N,H,W,C]";
    }

    private static string Of(Resize resize)
    {
        var target = resize.Mode == ResizeMode.ShorterSide ? $"shorter side to {resize.Height}" : $"stretched to {resize.Height} x {resize.Width}";
        return $"{target} ({resize.Filter.ToString().ToLowerInvariant()}, {resize.Style})";
    }

    private static string Number(float value) => value.ToString(CultureInfo.InvariantCulture);
}
