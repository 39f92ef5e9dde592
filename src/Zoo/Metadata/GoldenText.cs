using System.Globalization;

namespace Anneal.Zoo;

/// <summary>A golden example as JSON: binary as base64, and the seed as decimal digits in quotes, because JSON's numbers end at 2⁵³.</summary>
internal sealed record GoldenText(IReadOnlyList<float> Expected, double Tolerance, string? Picture = null, string? Seed = null)
{
    /// <summary>The JSON form of an example.</summary>
    public static GoldenText Of(GoldenExample golden) => new(
        golden.Expected,
        golden.Tolerance,
        golden.Picture.IsEmpty ? null : Convert.ToBase64String(golden.Picture.Span),
        golden.Seed?.ToString(CultureInfo.InvariantCulture));
}
