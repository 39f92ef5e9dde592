using System.Buffers;
using System.Runtime.InteropServices;

namespace Anneal.Zoo.Images;

/// <summary>
/// Pinned bytes for pixels. Small ones come from the shared array pool, so that a stream of photos allocates nothing; large ones are
/// native memory that goes back to the system at once. Kernels may read <see cref="Slack"/> bytes past the end.
/// </summary>
internal sealed unsafe class PixelBuffer : IDisposable
{
    /// <summary>What may be read (never written) past the end: one group of taps of the widest kernel.</summary>
    internal const int Slack = 64;

    private const long LargestPooled = 16L << 20;

    private readonly byte[]? _array;
    private GCHandle _pin;
    private byte* _pointer;

    internal PixelBuffer(long length)
    {
        Length = length;
        if (length + Slack <= LargestPooled)
        {
            _array = ArrayPool<byte>.Shared.Rent((int)length + Slack);
            _pin = GCHandle.Alloc(_array, GCHandleType.Pinned);
            _pointer = (byte*)_pin.AddrOfPinnedObject();
        }
        else
        {
            _pointer = (byte*)NativeMemory.Alloc((nuint)(length + Slack));
        }
    }

    ~PixelBuffer() => Free();

    internal long Length { get; private set; }

    internal byte* Pointer => _pointer is not null ? _pointer : throw new ObjectDisposedException(nameof(Picture));

    internal Span<byte> Span => new(Pointer, checked((int)Length));

    /// <summary>The same bytes, seen as fewer.</summary>
    internal PixelBuffer Trimmed(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        return this;
    }

    /// <summary>A longer buffer that starts with these bytes; this one is given back.</summary>
    internal PixelBuffer Grown(long length)
    {
        var grown = new PixelBuffer(length);
        Span.CopyTo(grown.Span);
        Dispose();
        return grown;
    }

    public void Dispose()
    {
        if (_array is not null && _pointer is not null)
        {
            _pin.Free();
            ArrayPool<byte>.Shared.Return(_array);
            _pointer = null;
        }
        Free();
        GC.SuppressFinalize(this);
    }

    // A buffer that nobody disposed is not given back to the pool: its array is simply collected.
    private void Free()
    {
        if (_array is null)
            NativeMemory.Free(_pointer);
        else if (_pin.IsAllocated)
            _pin.Free();
        _pointer = null;
    }
}
