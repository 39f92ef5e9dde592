using System.Text;
using Anneal.Training.Randomness;

namespace Anneal.Training;

/// <summary>
/// Random numbers by name: a seed and what they are for (the epoch, the sample, the use) say which, and each number is found by its index alone.
/// Nothing is remembered, so neither the order of calls, nor the number of threads, nor a training that is resumed can change one:
/// <c>new Draws(seed).For("flip").At(epoch).At(sample).Uniform()</c>. The numbers are Philox4x32-10's.
/// </summary>
public readonly struct Draws : IEquatable<Draws>
{
    // Children and numbers are drawn under the same key from counters that differ in their upper half.
    private const ulong Numbers = 0;
    private const ulong NumberedChildren = 1;
    private const ulong NamedChildren = 2;

    private readonly ulong _key;

    /// <summary>The draws of a seed.</summary>
    public Draws(ulong seed) => _key = seed;

    /// <summary>The draws of a use within these. Other names give unrelated numbers.</summary>
    public Draws For(string use)
    {
        ArgumentNullException.ThrowIfNull(use);
        return new(Philox.Block(_key, Fingerprint(use), NamedChildren).Low);
    }

    /// <summary>The draws of an epoch, a sample, a step within these.</summary>
    public Draws At(long number) => new(Philox.Block(_key, unchecked((ulong)number), NumberedChildren).Low);

    /// <summary>A number of 64 bits, each value as likely as the others.</summary>
    /// <param name="index">Which of the draws.</param>
    public ulong Bits(long index = 0) => Block(index).Low;

    /// <summary>A number in [0, 1), a multiple of 2⁻⁵³.</summary>
    /// <inheritdoc cref="Bits"/>
    public double Uniform(long index = 0) => (Block(index).Low >> 11) * (1.0 / (1L << 53));

    /// <summary>A number in [least, greatest).</summary>
    /// <param name="least">The lower bound.</param>
    /// <param name="greatest">The upper bound.</param>
    /// <param name="index">Which of the draws.</param>
    public double Uniform(double least, double greatest, long index = 0) => least + ((greatest - least) * Uniform(index));

    /// <summary>A number of the normal distribution with mean 0 and standard deviation 1 (Box and Muller, 1958).</summary>
    /// <inheritdoc cref="Bits"/>
    public double Normal(long index = 0)
    {
        var block = Block(index);
        // In (0, 1]: the logarithm of 0 is never asked for.
        var radius = ((block.Low >> 11) + 1) * (1.0 / (1L << 53));
        var angle = (block.High >> 11) * (1.0 / (1L << 53));
        return Math.Sqrt(-2 * Math.Log(radius)) * Math.Cos(2 * Math.PI * angle);
    }

    /// <summary>An integer from 0 to below a bound. The share of each differs from 1/bound by less than 2⁻⁶⁴.</summary>
    /// <param name="bound">The bound, at least 1.</param>
    /// <param name="index">Which of the draws.</param>
    public int Below(int bound, long index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)Math.BigMul(Block(index).Low, (ulong)bound, out _);
    }

    /// <summary>The integers from 0 to below a count in random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] order = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var j = Below(i + 1, i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <inheritdoc/>
    public bool Equals(Draws other) => _key == other._key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Draws other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode();

    /// <summary>Whether both give the same numbers.</summary>
    public static bool operator ==(Draws left, Draws right) => left.Equals(right);

    /// <summary>Whether they give different numbers.</summary>
    public static bool operator !=(Draws left, Draws right) => !left.Equals(right);

    /// <summary>The four words of an index, for kernels that fill tensors.</summary>
    internal PhiloxBlock Block(long index) => Philox.Block(_key, unchecked((ulong)index), Numbers);

    /// <summary>The key of the numbers: all that another device needs.</summary>
    internal ulong Key => _key;

    /// <summary>FNV-1a over UTF-8, 64 bits: a name's number, the same on every machine and in every version.</summary>
    private static ulong Fingerprint(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var unit in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ unit) * 0x100000001B3UL);
        return hash;
    }
}
