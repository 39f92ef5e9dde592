namespace Anneal.Zoo.Images;

/// <summary>
/// The weights of one direction of Pillow's resampling (its <c>precompute_coeffs</c> and <c>normalize_coeffs_8bpc</c>): for each output
/// pixel of a window the first input pixel, the number of taps and the weights as integers of 22 fractional bits.
/// </summary>
internal sealed class Coefficients
{
    /// <summary>Fractional bits of a weight: 32 less 8 of the pixel less 2 for overshoot.</summary>
    internal const int Precision = 32 - 8 - 2;

    private Coefficients(int[] first, int[] taps, int[] offset, int[] weights) =>
        (First, Taps, Offset, Weights) = (first, taps, offset, weights);

    /// <summary>For each output pixel, the first input pixel.</summary>
    internal int[] First { get; }

    /// <summary>For each output pixel, how many input pixels count.</summary>
    internal int[] Taps { get; }

    /// <summary>For each output pixel, where its weights start in <see cref="Weights"/>.</summary>
    internal int[] Offset { get; }

    /// <summary>All weights, one output pixel after the other.</summary>
    internal int[] Weights { get; }

    /// <summary>How many output pixels the window has.</summary>
    internal int Count => First.Length;

    /// <summary>The first input pixel that any output pixel of the window reads.</summary>
    internal int Lowest => First[0];

    /// <summary>One past the last input pixel that any output pixel of the window reads.</summary>
    internal int Highest => First[^1] + Taps[^1];

    /// <summary>The weights for output pixels <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>.</summary>
    internal static Coefficients Compute(int inputSize, int outputSize, ResizeFilter filter, int start, int count)
    {
        var scale = (double)inputSize / outputSize;
        var filterScale = Math.Max(scale, 1.0);
        var support = FilterFunction.Support(filter) * filterScale;
        var weights = new List<int>();
        var (first, taps, offset) = (new int[count], new int[count], new int[count]);
        var row = new double[(int)Math.Ceiling(support) * 2 + 1];
        for (var i = 0; i < count; i++)
        {
            var center = (start + i + 0.5) * scale;
            first[i] = Math.Max(0, (int)(center - support + 0.5));
            taps[i] = Math.Min(inputSize, (int)(center + support + 0.5)) - first[i];
            offset[i] = weights.Count;
            Weigh(row.AsSpan(0, taps[i]), filter, first[i] - center + 0.5, 1.0 / filterScale);
            foreach (var weight in row.AsSpan(0, taps[i]))
                weights.Add((int)((weight < 0 ? -0.5 : 0.5) + weight * (1 << Precision)));
        }
        return new(first, taps, offset, [.. weights]);
    }

    private static void Weigh(Span<double> row, ResizeFilter filter, double position, double step)
    {
        var sum = 0.0;
        for (var x = 0; x < row.Length; x++)
        {
            row[x] = FilterFunction.Value(filter, (x + position) * step);
            sum += row[x];
        }
        if (sum == 0)
            return;
        for (var x = 0; x < row.Length; x++)
            row[x] /= sum;
    }
}
