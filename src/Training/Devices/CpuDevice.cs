using Anneal.Onnx;

namespace Anneal.Training.Devices;

/// <summary>The processor: its memory is the process's own.</summary>
internal unsafe class CpuDevice(Device name) : ComputeDevice(name, (pool, byteLength) => new CpuMemory(pool, byteLength))
{
    public override void Upload(ReadOnlySpan<byte> from, Memory to) => from.CopyTo(new(Address(to), from.Length));

    public override void Download(Memory from, Span<byte> to) => new ReadOnlySpan<byte>(Address(from), to.Length).CopyTo(to);

    public override void Copy(Memory from, Memory to, long byteLength) => Buffer.MemoryCopy(Address(from), Address(to), byteLength, byteLength);

    public override void Fill<T>(Memory memory, T value, int count) => new Span<T>(Address(memory), count).Fill(value);

    private static void* Address(Memory memory) => ((CpuMemory)memory).Address;
}
