namespace Anneal.Zoo;

/// <summary>The numbers of <see cref="GoldenExample.Seed"/>; the formula stands in the remarks of <see cref="GoldenExample"/>.</summary>
internal static class GoldenFormula
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>Element <paramref name="index"/> of the example with a seed: in [-1, 1), a multiple of 2⁻²³.</summary>
    public static float At(ulong seed, long index)
    {
        var z = unchecked(seed + (((ulong)index + 1) * Step));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        z ^= z >> 31;
        return ((z >> 40) * (1f / (1 << 23))) - 1;
    }
}
