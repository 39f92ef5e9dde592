using System.Buffers;
using System.Runtime.InteropServices;

namespace Anneal.Tests.Networks;

/// <summary>
/// Floats that are made when they are first read. Number i is 16 bits of SplitMix64 (Steele, Lea, Flood, 2014) at place i / 4, so that the blocks
/// can be made in parallel.
/// </summary>
internal sealed class SeededMemory(ulong start, int count, float from, float to) : MemoryManager<byte>
{
    private const int BlockLength = 1 << 16;

    private readonly Lock _making = new();
    private float[]? _numbers;

    /// <summary>The memory; unlike <see cref="MemoryManager{T}.Memory"/> it can be had without making the numbers.</summary>
    public Memory<byte> Unread => CreateMemory(count * sizeof(float));

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(Numbers().AsSpan());

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = GCHandle.Alloc(Numbers(), GCHandleType.Pinned);
        return new((byte*)handle.AddrOfPinnedObject() + elementIndex, handle, this);
    }

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) { }

    private float[] Numbers()
    {
        lock (_making)
            return _numbers ??= Make();
    }

    private float[] Make()
    {
        var numbers = new float[count];
        Parallel.For(0, (count + BlockLength - 1) / BlockLength, block =>
            Fill(numbers.AsSpan(block * BlockLength, Math.Min(BlockLength, count - (block * BlockLength))), start + ((ulong)block * (BlockLength / 4) * Step)));
        return numbers;
    }

    private const ulong Step = 0x9E3779B97F4A7C15;

    private void Fill(Span<float> block, ulong state)
    {
        var scale = (to - from) / ushort.MaxValue;
        for (var i = 0; i < block.Length; i += 4)
        {
            var bits = Mix(state += Step);
            for (var j = i; j < Math.Min(i + 4, block.Length); j++, bits >>= 16)
                block[j] = from + (scale * (ushort)bits);
        }
    }

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
