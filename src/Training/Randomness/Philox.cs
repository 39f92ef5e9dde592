namespace Anneal.Training.Randomness;

/// <summary>
/// Philox4x32-10, a counter turned into four random words: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011),
/// section 4. Nothing is carried from one block to the next, so that any block can be had by itself, in any order, on any thread or device.
/// </summary>
internal static class Philox
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>The block of a 64-bit key and a 128-bit counter.</summary>
    public static PhiloxBlock Block(ulong key, ulong counterLow, ulong counterHigh)
    {
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        var (c0, c1, c2, c3) = ((uint)counterLow, (uint)(counterLow >> 32), (uint)counterHigh, (uint)(counterHigh >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * c0;
            var product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            (k0, k1) = (unchecked(k0 + Weyl0), unchecked(k1 + Weyl1));
        }
        return new(c0, c1, c2, c3);
    }
}

/// <summary>Four random words.</summary>
internal readonly record struct PhiloxBlock(uint Word0, uint Word1, uint Word2, uint Word3)
{
    /// <summary>The first two words as one.</summary>
    public ulong Low => Word0 | ((ulong)Word1 << 32);

    /// <summary>The last two words as one.</summary>
    public ulong High => Word2 | ((ulong)Word3 << 32);

    /// <summary>A word by its number, 0 to 3.</summary>
    public uint this[int index] => index switch { 0 => Word0, 1 => Word1, 2 => Word2, _ => Word3 };
}
