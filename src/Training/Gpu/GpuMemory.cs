using System.Diagnostics.CodeAnalysis;
using Anneal.Training.Devices;
using ILGPU;
using ILGPU.Runtime;

namespace Anneal.Training.Gpu;

/// <summary>A block of a GPU's memory.</summary>
internal sealed class GpuMemory(MemoryPool pool, long byteLength, Accelerator accelerator) : Memory(pool, byteLength)
{
    private readonly MemoryBuffer _buffer = Allocate(accelerator, byteLength);

    /// <summary>The first elements of the block.</summary>
    public ArrayView<T> View<T>(long count) where T : unmanaged => _buffer.AsRawArrayView().Cast<T>().SubView(0, count);

    protected override void Free() => _buffer.Dispose();

    [SuppressMessage("Usage", "CA1816", Justification = "The pool may want the block back when nobody holds it any more; ILGPU's own finaliser would have freed it by then.")]
    private static MemoryBuffer Allocate(Accelerator accelerator, long byteLength)
    {
        try
        {
            var buffer = accelerator.AllocateRaw(byteLength, sizeof(byte));
            GC.SuppressFinalize(buffer);
            return buffer;
        }
        catch (AcceleratorException e)
        {
            // The pool knows how to make room and what to say when there is none.
            throw new InsufficientMemoryException($"{accelerator.Name} gave no {byteLength} bytes.", e);
        }
    }
}
