namespace Anneal.Training.Data;

/// <summary>
/// Each sample becomes λ times itself and 1 - λ times the one before it (Zhang, Cissé, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk
/// Minimization", 2018); λ is drawn once for a batch, of the beta distribution.
/// </summary>
/// <param name="classCount">How many classes there are.</param>
/// <param name="alpha">Both parameters of the distribution, over 0: 0.2 leaves most samples nearly alone, 1 makes every λ as likely.</param>
public sealed class Mixup(int classCount, double alpha = 1) : BatchMix(classCount)
{
    private readonly Beta _shares = new(alpha);

    /// <summary>Draws a sample's own share.</summary>
    public double Draw(Draws draws) => _shares.Draw(draws.For(nameof(Mixup)));

    /// <summary>Mixes with a share that was drawn.</summary>
    /// <param name="inputs">[N,…] float32, changed in place.</param>
    /// <param name="share">A sample's own share λ, from 0 to 1.</param>
    internal static void Apply(Tensor inputs, double share)
    {
        var (own, other) = ((float)share, (float)(1 - share));
        var numbers = inputs.Writable<float>();
        var length = inputs.Count / inputs.Shape[0];
        // From the last row up, so that the row before is still as it was; the first needs the last.
        var last = numbers[^length..].ToArray();
        for (var row = inputs.Shape[0] - 1; row >= 0; row--)
        {
            var mine = numbers.Slice(row * length, length);
            var before = row == 0 ? last : numbers.Slice((row - 1) * length, length);
            for (var i = 0; i < length; i++)
                mine[i] = (before[i] * other) + (mine[i] * own);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"mixup (alpha {_shares.Alpha})";

    internal override void Run(Tensor inputs, ReadOnlySpan<long> labels, Tensor softLabels, Draws draws)
    {
        var share = Draw(draws);
        Apply(inputs, share);
        MixLabels(labels, softLabels, share);
    }
}
