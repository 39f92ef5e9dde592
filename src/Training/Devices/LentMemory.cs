using System.Buffers;

namespace Anneal.Training.Devices;

/// <summary>
/// Memory that a caller has for an output, held still for the length of a run. It need not be aligned, ends with its last element and never goes into
/// a pool: a kernel may write it, and none may read it, since kernels read whole vectors.
/// </summary>
internal sealed unsafe class LentMemory(MemoryHandle pin, long byteLength) : CpuMemory(pin.Pointer, byteLength)
{
    [ThreadStatic]
    private static LentMemory? Offered;

    /// <summary>
    /// The next block of just this size that the thread rents is this one. An operator rents its output first of all, so that what it computes
    /// mostly comes where the caller wants it; where the offer went to something else, or nowhere, the caller copies.
    /// </summary>
    public void Offer() => Offered = this;

    /// <summary>Takes an offer back.</summary>
    public static void EndOffer() => Offered = null;

    /// <summary>The block that is offered, if it is of this size.</summary>
    public static LentMemory? Take(long byteLength)
    {
        if (Offered is not { } memory || memory.ByteLength != byteLength)
            return null;
        Offered = null;
        memory.Share();
        return memory;
    }

    protected override void Free() => pin.Dispose();
}
