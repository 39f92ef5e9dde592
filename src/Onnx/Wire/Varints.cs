namespace Anneal.Onnx.Wire;

/// <summary>Base-128 varints: 7 bits to a byte, lowest first, the top bit set on every byte but the last.</summary>
internal static class Varints
{
    public const int MaxLength = 10;

    /// <summary>The number of varints in a block: of bytes without the top bit.</summary>
    public static long Count(ReadOnlySpan<byte> block)
    {
        var count = 0L;
        foreach (var b in block)
            count += (b >> 7) ^ 1;
        return count;
    }

    /// <summary>Whether the last varint of a block ends within it and none is longer than a varint can be.</summary>
    public static bool AreWhole(ReadOnlySpan<byte> block)
    {
        var run = 0;
        foreach (var b in block)
        {
            run = b < 0x80 ? 0 : run + 1;
            if (run >= MaxLength)
                return false;
        }
        return run == 0;
    }

    /// <summary>Reads one varint off the front of a block that <see cref="AreWhole"/>.</summary>
    public static ulong Read(ref ReadOnlySpan<byte> block)
    {
        var value = 0UL;
        for (var i = 0; ; i++)
        {
            value |= (ulong)(block[i] & 0x7F) << (7 * i);
            if (block[i] < 0x80)
            {
                block = block[(i + 1)..];
                return value;
            }
        }
    }
}
