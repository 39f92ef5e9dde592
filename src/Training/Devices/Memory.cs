using System.Runtime.InteropServices;

namespace Anneal.Training.Devices;

/// <summary>
/// One block of a device's memory, shared by the tensors that look at it. It goes back to its pool when the last of them lets go; where nobody
/// does, the tensor's finaliser is the net. Blocks themselves have none: they live as long as their pool, and only a collection of everything
/// would ever look at objects that old.
/// </summary>
internal abstract class Memory : IDisposable
{
    private readonly MemoryPool? _pool;
    private int _holders = 1;

    /// <summary>A block of a pool, or, with none, one that is freed when the last tensor lets go.</summary>
    protected Memory(MemoryPool? pool, long byteLength) => (_pool, ByteLength) = (pool, byteLength);

    /// <summary>The size of the block, which may be larger than what was asked for.</summary>
    public long ByteLength { get; }

    /// <summary>Another tensor looks at the block.</summary>
    public void Share() => Interlocked.Increment(ref _holders);

    /// <summary>A tensor lets go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        if (_pool is null)
            Dispose();
        else
            _pool.Return(this);
    }

    /// <summary>Gives the block to the device for good.</summary>
    public void Dispose() => Free();

    /// <summary>A block out of the pool has one holder again.</summary>
    internal void Reuse() => _holders = 1;

    protected abstract void Free();
}

/// <summary>A block of the process's own memory, aligned for the widest vectors and for cache lines.</summary>
internal unsafe class CpuMemory : Memory
{
    private const int Alignment = 64;

    // Kernels copy whole vectors, and so read up to a vector past the last element.
    private const int Slack = 64;

    public CpuMemory(MemoryPool pool, long byteLength) : base(pool, byteLength) =>
        Address = NativeMemory.AlignedAlloc((nuint)byteLength + Slack, Alignment);

    /// <summary>A block that is there already.</summary>
    protected CpuMemory(void* address, long byteLength) : base(null, byteLength) => Address = address;

    public void* Address { get; private set; }

    protected override void Free()
    {
        NativeMemory.AlignedFree(Address);
        Address = null;
    }
}
