namespace Anneal.Training.Data.Pixels;

/// <summary>
/// The mean of a line's neighbours within a radius that need not be whole: the two outermost pixels count in part. Weights have 24 fractional
/// bits; beyond its ends a line goes on as its last pixel.
/// </summary>
internal readonly struct BoxFilter
{
    private readonly int _radius;
    private readonly uint _weight;
    private readonly uint _outerWeight;

    private BoxFilter(float radius)
    {
        _radius = (int)radius;
        _weight = (uint)((1u << 24) / ((radius * 2) + 1));
        _outerWeight = ((1u << 24) - ((uint)((_radius * 2) + 1) * _weight)) / 2;
    }

    /// <summary>The filter that approaches a Gaussian when it runs so many times: Gwosdek et al., equations 7, 11 and 14.</summary>
    public static BoxFilter Of(float deviation, int passes)
    {
        var variance = deviation * deviation / passes;
        var length = (float)Math.Sqrt((12.0 * variance) + 1.0);
        var whole = (float)Math.Floor((length - 1.0) / 2.0);
        var part = ((2 * whole) + 1) * ((whole * (whole + 1)) - (3 * variance));
        part /= 6 * (variance - ((whole + 1) * (whole + 1)));
        return new(whole + part);
    }

    /// <summary>Filters a line in place, several times.</summary>
    /// <param name="bytes">Where the line is.</param>
    /// <param name="first">Its first byte.</param>
    /// <param name="step">From one of its bytes to the next.</param>
    /// <param name="count">How many it has.</param>
    /// <param name="passes">How often.</param>
    public void Run(Span<byte> bytes, int first, int step, int count, int passes)
    {
        var line = new byte[count];
        for (var pass = 0; pass < passes; pass++)
        {
            for (var i = 0; i < count; i++)
                line[i] = bytes[first + (i * step)];
            Run(line, bytes, first, step);
        }
    }

    private void Run(byte[] line, Span<byte> target, int first, int step)
    {
        var last = line.Length - 1;
        var sum = 0u;
        for (var i = -_radius; i <= _radius; i++)
            sum += line[Math.Clamp(i, 0, last)];
        for (var i = 0; i <= last; i++)
        {
            var outer = (uint)(line[Math.Max(i - _radius - 1, 0)] + line[Math.Min(i + _radius + 1, last)]);
            target[first + (i * step)] = (byte)(((sum * _weight) + (outer * _outerWeight) + (1u << 23)) >> 24);
            sum = unchecked(sum + line[Math.Min(i + _radius + 1, last)] - line[Math.Max(i - _radius, 0)]);
        }
    }
}
