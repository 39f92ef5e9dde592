namespace Anneal.Onnx.Tests.Passes;

/// <summary>One call of Attention with its numbers, and the result as the specification words it: loops over doubles, no matrices.</summary>
internal sealed class AttentionReference
{
    private readonly Random _random;

    public AttentionReference(int seed)
    {
        _random = new(seed);
        (Batch, Groups, Queries, Keys, Width, ValueWidth) = (1 + Next(2), 1 + Next(3), 1 + Next(4), 1 + Next(5), 2 * (1 + Next(3)), 1 + Next(5));
        Heads = Groups * (1 + Next(3));
        Past = Next(3) == 0 ? 1 + Next(3) : 0;
        Valid = Past == 0 && Next(3) == 0 ? [.. Enumerable.Range(0, Batch).Select(_ => (long)Next(Keys + 1))] : null;
        (IsPacked, IsCausal, Softcap, Mode) = (Next(2) == 0, Next(2) == 0, Next(3) == 0 ? 1.5f : 0, Next(4));
        (Left, Right) = (Next(3) == 0 ? Next(3) : -1, Next(3) == 0 ? Next(3) : -1);
        Scale = Next(2) == 0 ? 0.3f : null;
        (Q, K, V) = (Numbers(Batch * Heads * Queries * Width), Numbers(Batch * Groups * Keys * Width), Numbers(Batch * Groups * Keys * ValueWidth));
        (PastK, PastV) = (Numbers(Batch * Groups * Past * Width), Numbers(Batch * Groups * Past * ValueWidth));
        MakeMask();
    }

    public int Batch { get; }

    public int Heads { get; }

    public int Groups { get; }

    public int Queries { get; }

    public int Keys { get; }

    public int Past { get; }

    public int Width { get; }

    public int ValueWidth { get; }

    public long[]? Valid { get; }

    public bool IsPacked { get; }

    public bool IsCausal { get; }

    public float Softcap { get; }

    public int Mode { get; }

    public int Left { get; }

    public int Right { get; }

    public float? Scale { get; }

    public float[] Q { get; }

    public float[] K { get; }

    public float[] V { get; }

    public float[] PastK { get; }

    public float[] PastV { get; }

    /// <summary>The mask's extents, or null when there is none.</summary>
    public long[]? MaskDims { get; private set; }

    public bool MaskIsBool { get; private set; }

    /// <summary>The mask as numbers to add.</summary>
    public float[] Mask { get; private set; } = [];

    public int Total => Past + Keys;

    /// <summary>The result, [B,heads,S,E], and the fourth output, [B,heads,S,T].</summary>
    public (float[] Result, float[] Products) Compute()
    {
        var (result, products) = (new float[Batch * Heads * Queries * ValueWidth], new float[Batch * Heads * Queries * Total]);
        for (var b = 0; b < Batch; b++)
            for (var h = 0; h < Heads; h++)
                for (var q = 0; q < Queries; q++)
                    Row(b, h, q, result.AsSpan((((b * Heads) + h) * Queries + q) * ValueWidth, ValueWidth), products.AsSpan((((b * Heads) + h) * Queries + q) * Total, Total));
        return (result, products);
    }

    private void Row(int b, int h, int q, Span<float> result, Span<float> stage)
    {
        var (raw, capped, bias) = (new double[Total], new double[Total], new double[Total]);
        for (var k = 0; k < Total; k++)
        {
            for (var i = 0; i < Width; i++)
                raw[k] += (double)At(Q, b, h, q, i, Heads, Queries, Width) * Key(b, h / (Heads / Groups), k, i);
            raw[k] *= Scale ?? 1 / Math.Sqrt(Width);
            capped[k] = Softcap == 0 ? raw[k] : Softcap * Math.Tanh(raw[k] / Softcap);
            bias[k] = IsSeen(b, q, k) ? MaskAt(b, h, q, k) : double.NegativeInfinity;
        }
        var isBlind = bias.All(double.IsNegativeInfinity);
        var greatest = capped.Zip(bias, (c, m) => c + m).Max();
        double[] powers = [.. capped.Zip(bias, (c, m) => isBlind ? 0 : Math.Exp(c + m - greatest))];
        for (var k = 0; k < Total; k++)
        {
            var weight = isBlind ? 0 : powers[k] / powers.Sum();
            stage[k] = (float)(Mode switch { 0 => raw[k], 1 => capped[k], 2 => capped[k] + bias[k], _ => weight });
            for (var i = 0; i < ValueWidth; i++)
                result[i] += (float)(weight * Value(b, h / (Heads / Groups), k, i));
        }
    }

    private bool IsSeen(int b, int q, int k)
    {
        var place = q + (Past > 0 ? Past : Valid is null ? 0 : Valid[b] - Queries);
        return (!IsCausal || k <= place) && (Left < 0 || place - Left <= k) && (Right < 0 || k <= place + Right) && (Valid is null || k < Valid[b]);
    }

    private double Key(int b, int g, int k, int i) => k < Past
        ? PastK[((((b * Groups) + g) * Past) + k) * Width + i]
        : At(K, b, g, k - Past, i, Groups, Keys, Width);

    private double Value(int b, int g, int k, int i) => k < Past
        ? PastV[((((b * Groups) + g) * Past) + k) * ValueWidth + i]
        : At(V, b, g, k - Past, i, Groups, Keys, ValueWidth);

    /// <summary>An element of [B,heads,tokens,width], or of [B,tokens,heads × width].</summary>
    private float At(float[] x, int b, int h, int token, int i, int heads, int tokens, int width) =>
        IsPacked ? x[((((b * tokens) + token) * heads) + h) * width + i] : x[((((b * heads) + h) * tokens) + token) * width + i];

    private double MaskAt(int b, int h, int q, int k)
    {
        if (MaskDims is null)
            return 0;
        int[] place = [b, h, q, k];
        if (k >= MaskDims[^1])
            return double.NegativeInfinity;
        var index = 0L;
        for (var axis = 0; axis < MaskDims.Length; axis++)
            index = (index * MaskDims[axis]) + (MaskDims[axis] == 1 && axis < MaskDims.Length - 1 ? 0 : place[axis + 4 - MaskDims.Length]);
        return Mask[index];
    }

    private void MakeMask()
    {
        var length = Math.Max(1, Total - Next(2));
        MaskDims = Next(6) switch
        {
            0 => [length],
            1 => [Queries, length],
            2 => [Batch, 1, Queries, length],
            3 => [Batch, Heads, Queries, length],
            _ => null,
        };
        if (MaskDims is null)
            return;
        MaskIsBool = Next(2) == 0;
        Mask = [.. Enumerable.Range(0, (int)MaskDims.Aggregate((a, b) => a * b)).Select(_ => Next(3) == 0 ? float.NegativeInfinity : MaskIsBool ? 0 : (float)_random.NextDouble())];
    }

    private float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((_random.NextDouble() * 4) - 2))];

    private int Next(int end) => _random.Next(end);
}
