using System.Collections.Concurrent;
using Anneal.Onnx;
using Anneal.Training.Gpu;

namespace Anneal.Training.Devices;

/// <summary>A device that tensors live on and kernels run on: its memory, and the ways in and out of it.</summary>
internal abstract class ComputeDevice
{
    private static readonly ConcurrentDictionary<Device, ComputeDevice> Opened = [];

    // Drivers are asked for their devices by one thread at a time: two at once have been told that there are none.
    private static readonly Lock Opening = new();

    protected ComputeDevice(Device name, Func<MemoryPool, long, Memory> allocate) => (Name, Pool) = (name, new(allocate));

    /// <summary>The device's name.</summary>
    public Device Name { get; }

    /// <summary>Its memory.</summary>
    public MemoryPool Pool { get; }

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu { get; } = new CpuDevice(Device.Cpu);

    /// <summary>The device of a name. It is opened once and stays open.</summary>
    /// <exception cref="DeviceUnavailableException">There is no such device here.</exception>
    public static ComputeDevice Find(Device name)
    {
        if (name.Kind is DeviceKind.Cpu or DeviceKind.Auto)
            return Cpu;
        if (Opened.TryGetValue(name, out var device))
            return device;
        lock (Opening)
            return Opened.GetOrAdd(name, GpuDevices.Open);
    }

    /// <summary>Makes a device known under its name.</summary>
    public static void Add(ComputeDevice device) => Opened[device.Name] = device;

    /// <summary>Copies the elements of a tensor into one of the same type and shape, wherever both live.</summary>
    public static void Copy(Tensor from, Tensor to)
    {
        var byteLength = from.DType.ByteLength(from.Count);
        if (from.Compute == to.Compute)
            from.Compute.Copy(from.Memory, to.Memory, byteLength);
        else if (from.Compute is CpuDevice)
            to.Compute.Upload(from.WritableBytes(), to.Memory);
        else if (to.Compute is CpuDevice)
            from.Compute.Download(from.Memory, to.WritableBytes());
        else
            to.Compute.Upload(from.ToBytes(), to.Memory);
    }

    /// <summary>Copies bytes of the process into a block, and is done with them when it returns.</summary>
    public abstract void Upload(ReadOnlySpan<byte> from, Memory to);

    /// <summary>Copies the first bytes of a block into the process, waiting for whatever writes them.</summary>
    public abstract void Download(Memory from, Span<byte> to);

    /// <summary>Copies the first bytes of a block into another one of this device.</summary>
    public abstract void Copy(Memory from, Memory to, long byteLength);

    /// <summary>Sets the first elements of a block to one number.</summary>
    public abstract void Fill<T>(Memory memory, T value, int count) where T : unmanaged;
}
