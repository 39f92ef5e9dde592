using System.Runtime.InteropServices;

namespace Anneal.Training.Cpu;

/// <summary>Working memory of a thread: made when first asked for, grown when asked for more, gone with the thread.</summary>
internal sealed unsafe class Scratch
{
    // Blocks begin on a cache line, and what is packed may spill a few vectors over its end.
    private const int Alignment = 64;
    private const int Slack = 1024;

    [ThreadStatic]
    private static Scratch? Mine;

    private readonly void*[] _addresses = new void*[Slots];
    private readonly long[] _lengths = new long[Slots];

    ~Scratch()
    {
        foreach (var address in _addresses)
            NativeMemory.AlignedFree(address);
    }

    /// <summary>How many blocks a thread can hold at a time.</summary>
    public const int Slots = 4;

    /// <summary>A block of at least so many elements. Its content is whatever the last user left.</summary>
    public static T* Rent<T>(int slot, long count) where T : unmanaged => (T*)(Mine ??= new()).Block(slot, (count * sizeof(T)) + Slack);

    private void* Block(int slot, long byteLength)
    {
        if (_lengths[slot] >= byteLength)
            return _addresses[slot];
        NativeMemory.AlignedFree(_addresses[slot]);
        _addresses[slot] = null;
        _lengths[slot] = 0;
        _addresses[slot] = NativeMemory.AlignedAlloc((nuint)byteLength, Alignment);
        _lengths[slot] = byteLength;
        return _addresses[slot];
    }
}
