namespace Anneal.Zoo.Images;

/// <summary>
/// Weights laid out for the horizontal kernels. A weight of 22 fractional bits does not fit the 16-bit multipliers, so it is split,
/// w = high x 2^15 + low with 0 &lt;= low &lt; 2^15: two multiplications, exact modulo 2^32 just as Pillow's own 32-bit sum.
/// </summary>
internal sealed class TapTable
{
    /// <summary>Bits of the low half of a weight.</summary>
    internal const int LowBits = 15;

    private TapTable(Coefficients coefficients, SimdWidth width, int[] groups, int[] offset, short[] weights) =>
        (Coefficients, Width, Groups, Offset, Weights) = (coefficients, width, groups, offset, weights);

    /// <summary>The plain weights.</summary>
    internal Coefficients Coefficients { get; }

    /// <summary>The width the layout is for.</summary>
    internal SimdWidth Width { get; }

    /// <summary>For each output pixel, how many groups of taps.</summary>
    internal int[] Groups { get; }

    /// <summary>For each output pixel, where its first group starts in <see cref="Weights"/>.</summary>
    internal int[] Offset { get; }

    /// <summary>For each group a vector of low halves, then one of high halves; absent taps weigh nothing.</summary>
    internal short[] Weights { get; }

    /// <summary>Lays out weights for pixels of 1 or 4 bytes, in vectors no wider than <paramref name="widest"/>.</summary>
    internal static TapTable Create(Coefficients coefficients, int pixelBytes, SimdWidth widest)
    {
        if (widest == SimdWidth.Scalar)
            return new(coefficients, widest, [], [], []);
        var width = Narrowest(coefficients, pixelBytes, widest);
        var shorts = 8 << (width - SimdWidth.V128);
        var tapsPerGroup = shorts / pixelBytes;
        var (groups, offset) = (new int[coefficients.Count], new int[coefficients.Count]);
        var total = 0;
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = (coefficients.Taps[i] + tapsPerGroup - 1) / tapsPerGroup;
            offset[i] = total;
            total += groups[i] * 2 * shorts;
        }
        var weights = new short[total];
        for (var i = 0; i < groups.Length; i++)
            Fill(weights.AsSpan(offset[i]), coefficients, i, shorts, pixelBytes);
        return new(coefficients, width, groups, offset, weights);
    }

    // Wider than one group of the longest row of taps is wasted work.
    private static SimdWidth Narrowest(Coefficients coefficients, int pixelBytes, SimdWidth widest)
    {
        var most = coefficients.Taps.Max();
        for (var width = SimdWidth.V128; width < widest; width++)
            if (most <= (8 << (width - SimdWidth.V128)) / pixelBytes)
                return width;
        return widest;
    }

    // Grey: tap t stands at short t of its group. Colour: taps 2k and 2k+1 stand side by side, four times, in lane k of their group.
    private static void Fill(Span<short> weights, Coefficients coefficients, int pixel, int shorts, int pixelBytes)
    {
        var tapsPerGroup = shorts / pixelBytes;
        for (var t = 0; t < coefficients.Taps[pixel]; t++)
        {
            var weight = coefficients.Weights[coefficients.Offset[pixel] + t];
            var group = weights[(t / tapsPerGroup * 2 * shorts)..];
            var tap = t % tapsPerGroup;
            for (var channel = 0; channel < pixelBytes; channel++)
            {
                var place = pixelBytes == 1 ? tap : tap / 2 * 8 + channel * 2 + tap % 2;
                group[place] = (short)(weight & ((1 << LowBits) - 1));
                group[shorts + place] = (short)(weight >> LowBits);
            }
        }
    }
}
