using Anneal.Onnx;

namespace Anneal.Training.Devices;

/// <summary>A device that tensors live on and kernels run on.</summary>
internal abstract class ComputeDevice
{
    protected ComputeDevice(Device name, Func<MemoryPool, long, Memory> allocate) => (Name, Pool) = (name, new(allocate));

    /// <summary>The device's name.</summary>
    public Device Name { get; }

    /// <summary>Its memory.</summary>
    public MemoryPool Pool { get; }

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu { get; } = new CpuDevice();

    /// <summary>The device of a name.</summary>
    /// <exception cref="DeviceUnavailableException">There is no such device here.</exception>
    public static ComputeDevice Find(Device name) => name.Kind switch
    {
        DeviceKind.Cpu or DeviceKind.Auto => Cpu,
        _ => throw new DeviceUnavailableException($"Tensors cannot live on {name}: this version computes on cpu. Use {nameof(Device)}.{nameof(Device.Cpu)}."),
    };
}

/// <summary>The processor: its memory is the process's own.</summary>
internal sealed class CpuDevice() : ComputeDevice(Device.Cpu, (pool, byteLength) => new CpuMemory(pool, byteLength));
