using Anneal.Onnx;

namespace Anneal.Training.Devices;

/// <summary>
/// The blocks of memory of one device that no tensor holds, by size. A step that repeats finds every block it needs here. When more than the
/// budget is out, the pool has the garbage collector look for tensors that nobody can reach any more before it asks the device for more.
/// </summary>
internal sealed class MemoryPool(Func<MemoryPool, long, Memory> allocate)
{
    // Blocks are handed out in multiples of this, so that nearly equal sizes find each other; large ones in pages.
    private const int SmallUnit = 256;
    private const int LargeUnit = 4096;
    private const int LargeFrom = 1 << 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Stack<Memory>> _free = [];
    private long _collectAt;
    private long _searchAt = 1L << 28;

    /// <summary>How many bytes may be out before unreachable tensors are looked for. Default: 8 MiB.</summary>
    public long Budget { get; set; } = 1L << 23;

    /// <summary>How many bytes tensors hold.</summary>
    public long BytesInUse { get; private set; }

    /// <summary>The most that <see cref="BytesInUse"/> has been since <see cref="ResetPeak"/>.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>How many bytes lie here for the next tensor.</summary>
    public long BytesFree { get; private set; }

    /// <summary>How often the device was asked for memory.</summary>
    public long Allocations { get; private set; }

    /// <summary>A block of at least so many bytes; its content is left from before.</summary>
    /// <exception cref="AnnealException">The device has no memory left.</exception>
    public Memory Rent(long byteLength)
    {
        if (LentMemory.Take(byteLength) is { } lent)
            return lent;
        var size = Rounded(byteLength);
        CollectWhenOverBudget(size);
        lock (_gate)
        {
            BytesInUse += size;
            PeakBytes = Math.Max(PeakBytes, BytesInUse);
            if (_free.TryGetValue(size, out var stack) && stack.TryPop(out var memory))
            {
                BytesFree -= size;
                memory.Reuse();
                return memory;
            }
            Allocations++;
        }
        return Allocate(size);
    }

    /// <summary>Takes a block back.</summary>
    public void Return(Memory memory)
    {
        lock (_gate)
            Keep(memory);
    }

    /// <summary>Starts to measure <see cref="PeakBytes"/> anew.</summary>
    public void ResetPeak()
    {
        lock (_gate)
            PeakBytes = BytesInUse;
    }

    /// <summary>
    /// Gives every block that no tensor holds back to the device. How much was out before no longer counts: unreachable tensors are looked for at the
    /// budget again.
    /// </summary>
    public void Trim()
    {
        lock (_gate)
        {
            foreach (var memory in _free.Values.SelectMany(stack => stack))
                memory.Dispose();
            _free.Clear();
            BytesFree = 0;
            Volatile.Write(ref _collectAt, 0);
        }
    }

    private static long Rounded(long byteLength)
    {
        var unit = byteLength < LargeFrom ? SmallUnit : LargeUnit;
        return Math.Max(unit, (byteLength + unit - 1) / unit * unit);
    }

    private void Keep(Memory memory)
    {
        BytesInUse -= memory.ByteLength;
        BytesFree += memory.ByteLength;
        if (!_free.TryGetValue(memory.ByteLength, out var stack))
            _free.Add(memory.ByteLength, stack = new());
        stack.Push(memory);
    }

    private Memory Allocate(long size)
    {
        try
        {
            return allocate(this, size);
        }
        catch (OutOfMemoryException)
        {
            // What lies here in other sizes, and what nobody can reach, may make the room.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Trim();
        }
        try
        {
            return allocate(this, size);
        }
        catch (OutOfMemoryException e)
        {
            lock (_gate)
                BytesInUse -= size;
            throw new AnnealException($"There is no memory left for {size} bytes; tensors hold {BytesInUse} bytes. Use a smaller batch, or end scopes sooner.", e);
        }
    }

    /// <summary>
    /// Native memory does not weigh on the garbage collector, so it would not come by itself. Tensors that a loop has dropped are young, and a look at
    /// the young is quick; everything is looked at only when that has found too little. The next look waits until a quarter more is out: tensors
    /// that are in use do not go away by looking again.
    /// </summary>
    private void CollectWhenOverBudget(long size)
    {
        var before = BytesInUse;
        if (before + size <= Math.Max(Budget, Volatile.Read(ref _collectAt)))
            return;
        Collect(generation: 1);
        if (BytesInUse > before / 8 * 7 && before > Volatile.Read(ref _searchAt))
        {
            Collect(GC.MaxGeneration);
            Volatile.Write(ref _searchAt, 2 * BytesInUse);
        }
        Volatile.Write(ref _collectAt, Budget + BytesInUse + (BytesInUse / 4));
    }

    private static void Collect(int generation)
    {
        GC.Collect(generation);
        GC.WaitForPendingFinalizers();
    }
}
