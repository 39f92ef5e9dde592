using System.Runtime.InteropServices;

namespace Anneal.Training.Devices;

/// <summary>
/// One block of a device's memory, shared by the tensors that look at it. It goes back to its pool when the last of them lets go; where nobody
/// does, the finaliser is the net, and the block lives on in the pool.
/// </summary>
internal abstract class Memory : IDisposable
{
    private readonly MemoryPool _pool;
    private int _holders = 1;

    protected Memory(MemoryPool pool, long byteLength) => (_pool, ByteLength) = (pool, byteLength);

    ~Memory()
    {
        if (_pool.Recover(this))
            GC.ReRegisterForFinalize(this);
        else
            Free();
    }

    /// <summary>The size of the block, which may be larger than what was asked for.</summary>
    public long ByteLength { get; }

    /// <summary>Another tensor looks at the block.</summary>
    public void Share() => Interlocked.Increment(ref _holders);

    /// <summary>A tensor lets go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _pool.Return(this);
    }

    /// <summary>Gives the block to the device for good.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Free();
    }

    /// <summary>A block out of the pool has one holder again.</summary>
    internal void Reuse() => _holders = 1;

    protected abstract void Free();
}

/// <summary>A block of the process's own memory, aligned for the widest vectors and for cache lines.</summary>
internal sealed unsafe class CpuMemory : Memory
{
    private const int Alignment = 64;

    public CpuMemory(MemoryPool pool, long byteLength) : base(pool, byteLength) =>
        Address = NativeMemory.AlignedAlloc((nuint)byteLength, Alignment);

    public void* Address { get; private set; }

    protected override void Free()
    {
        NativeMemory.AlignedFree(Address);
        Address = null;
    }
}
