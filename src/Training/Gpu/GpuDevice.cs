using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Anneal.Training.Devices;
using ILGPU;
using ILGPU.Runtime;

namespace Anneal.Training.Gpu;

/// <summary>
/// A GPU through ILGPU: CUDA, OpenCL, or ILGPU's simulator. Everything runs on one stream, in the order in which it is asked for, so that a block
/// can be used again as soon as its last user was asked for.
/// </summary>
internal unsafe class GpuDevice(Onnx.Device name, Accelerator accelerator)
    : ComputeDevice(name, (pool, byteLength) => new GpuMemory(pool, byteLength, accelerator))
{
    private readonly ConcurrentDictionary<Type, Delegate> _launchers = [];
    private readonly AcceleratorStream _stream = accelerator.CreateStream();
    private readonly Lock _gate = new();

    /// <summary>What the device calls itself.</summary>
    public string Title => accelerator.Name;

    /// <summary>The elements of a tensor that lives here.</summary>
    public static ArrayView<T> View<T>(Tensor tensor) where T : unmanaged => ((GpuMemory)tensor.Memory).View<T>(tensor.Count);

    /// <summary>The elements of a tensor of bytes or bool.</summary>
    public static ArrayView<byte> Bytes(Tensor tensor) => View<byte>(tensor);

    /// <summary>Runs a work once for each element.</summary>
    public void ForEach<TWork>(int count, TWork work) where TWork : struct, IElementWork
    {
        if (count > 0)
            Run(new KernelConfig((count + Each<TWork>.GroupSize - 1) / Each<TWork>.GroupSize, Each<TWork>.GroupSize), new Each<TWork>(count, work));
    }

    /// <summary>Runs a work on a grid.</summary>
    public void Run<TWork>(KernelConfig grid, TWork work) where TWork : struct, IGpuWork
    {
        // OpenCL keeps the arguments of a launch in the kernel: one thread at a time.
        lock (_gate)
            Launcher<TWork>()(_stream, grid, work);
    }

    /// <summary>Waits until everything that was asked for is done.</summary>
    public void Wait() => _stream.Synchronize();

    public override void Upload(ReadOnlySpan<byte> from, Memory to)
    {
        if (from.IsEmpty)
            return;
        fixed (byte* bytes = from)
            lock (_gate)
                Bytes(to, from.Length).CopyFromCPU(_stream, ref *bytes, from.Length);
    }

    public override void Download(Memory from, Span<byte> to)
    {
        if (to.IsEmpty)
            return;
        fixed (byte* bytes = to)
            lock (_gate)
                Bytes(from, to.Length).CopyToCPU(_stream, ref *bytes, to.Length);
    }

    public override void Copy(Memory from, Memory to, long byteLength)
    {
        if (byteLength == 0)
            return;
        lock (_gate)
            Bytes(from, byteLength).CopyTo(_stream, Bytes(to, byteLength));
    }

    public override void Fill<T>(Memory memory, T value, int count)
    {
        if (count == 0)
            return;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
        if (bytes.ContainsAnyExcept(bytes[0]))
            ForEach(count, new FillWork<T>(value, ((GpuMemory)memory).View<T>(count)));
        else
            lock (_gate)
                Bytes(memory, (long)count * bytes.Length).MemSet(_stream, bytes[0]);
    }

    /// <summary>Makes the method that launches a work. Called once for each type of work.</summary>
    protected virtual Action<AcceleratorStream, KernelConfig, TWork> Load<TWork>() where TWork : struct, IGpuWork
    {
        try
        {
            var kernel = accelerator.LoadKernel(new Action<TWork>(GpuEntry.Run).Method);
            return kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, TWork>>();
        }
        catch (Exception e) when (e is InternalCompilerException or NotSupportedException or ArgumentException or AcceleratorException)
        {
            throw new Onnx.DeviceUnavailableException($"{Name} ({Title}) cannot compile the kernel {typeof(TWork)}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private Action<AcceleratorStream, KernelConfig, TWork> Launcher<TWork>() where TWork : struct, IGpuWork
    {
        if (_launchers.TryGetValue(typeof(TWork), out var known))
            return (Action<AcceleratorStream, KernelConfig, TWork>)known;
        var made = Load<TWork>();
        _launchers[typeof(TWork)] = made;
        return made;
    }

    private static ArrayView<byte> Bytes(Memory memory, long byteLength) => ((GpuMemory)memory).View<byte>(byteLength);
}

/// <summary>Where every kernel begins.</summary>
internal static class GpuEntry
{
    public static void Run<TWork>(TWork work) where TWork : struct, IGpuWork => work.Run();
}
