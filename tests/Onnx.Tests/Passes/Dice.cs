namespace Anneal.Onnx.Tests.Passes;

/// <summary>Choices that follow from a seed alone, on every machine and runtime (SplitMix64; Steele, Lea, Flood, 2014).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed * 0xD1342543DE82EF95;

    /// <summary>A number from 0 up to a bound that is left out.</summary>
    public int Roll(int sides) => (int)(Next() % (ulong)sides);

    /// <summary>A number between two bounds, both included.</summary>
    public int Between(int least, int most) => least + Roll(most - least + 1);

    /// <summary>Whether something that happens once in so many times happens.</summary>
    public bool OnceIn(int times) => Roll(times) == 0;

    /// <summary>One of several things.</summary>
    public T Pick<T>(params IReadOnlyList<T> things) => things[Roll(things.Count)];

    /// <summary>A number from -1 to 1.</summary>
    public float Number() => ((Next() >> 40) / (float)(1 << 23)) - 1;

    private ulong Next()
    {
        var bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
