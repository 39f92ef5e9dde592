using System.Buffers;
using System.Runtime.InteropServices;

namespace Anneal.Onnx;

/// <summary>Memory of one element type seen as memory of another, without a copy.</summary>
internal sealed class CastMemory<TFrom, TTo>(Memory<TFrom> source) : MemoryManager<TTo>
    where TFrom : unmanaged
    where TTo : unmanaged
{
    public override Span<TTo> GetSpan() => MemoryMarshal.Cast<TFrom, TTo>(source.Span);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = source.Pin();
        return new MemoryHandle((TTo*)handle.Pointer + elementIndex, default, new Unpinner(handle));
    }

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }

    /// <summary>Releases the source's own pin when the cast memory's handle is disposed.</summary>
    private sealed class Unpinner(MemoryHandle handle) : IPinnable
    {
        private MemoryHandle _handle = handle;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("The memory is pinned already.");

        public void Unpin() => _handle.Dispose();
    }
}
