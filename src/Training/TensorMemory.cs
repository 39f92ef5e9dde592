using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>What tensors hold of a device's memory, and the pool that blocks come from and go back to.</summary>
public static class TensorMemory
{
    /// <summary>The figures of a device.</summary>
    /// <param name="device">The device; default: the processor.</param>
    public static TensorMemoryFigures Of(Device? device = null)
    {
        var pool = Pool(device);
        return new(pool.BytesInUse, pool.PeakBytes, pool.BytesFree, pool.Allocations);
    }

    /// <summary>Starts to measure <see cref="TensorMemoryFigures.PeakBytes"/> anew.</summary>
    /// <inheritdoc cref="Of"/>
    public static void ResetPeak(Device? device = null) => Pool(device).ResetPeak();

    /// <summary>Gives what no tensor holds back to the device.</summary>
    /// <inheritdoc cref="Of"/>
    public static void Trim(Device? device = null) => Pool(device).Trim();

    /// <summary>
    /// Sets how many bytes tensors may hold before those that nobody can reach are looked for, and how many may lie in the pool. Default: 1 GiB.
    /// </summary>
    /// <param name="bytes">The budget, above 0.</param>
    /// <param name="device">The device; default: the processor.</param>
    public static void SetBudget(long bytes, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        Pool(device).Budget = bytes;
    }

    private static MemoryPool Pool(Device? device) => ComputeDevice.Find(device ?? Device.Cpu).Pool;
}

/// <summary>Memory figures of a device.</summary>
/// <param name="BytesInUse">How many bytes tensors hold.</param>
/// <param name="PeakBytes">The most that tensors have held since <see cref="TensorMemory.ResetPeak"/>.</param>
/// <param name="BytesFree">How many bytes lie in the pool for the next tensor.</param>
/// <param name="Allocations">How often the device was asked for memory; a step that repeats asks no more.</param>
public sealed record TensorMemoryFigures(long BytesInUse, long PeakBytes, long BytesFree, long Allocations);
