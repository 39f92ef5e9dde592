using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training.Data;

/// <summary>How a <see cref="DataLoader{T}"/> makes batches. Nothing but <see cref="Workers"/>, <see cref="Prefetch"/> and <see cref="Device"/> may depend on the machine: these three never change a batch.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Samples in a batch, at least 1; 32 by default. The last batch of an epoch may be smaller.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Which samples an epoch has, and in which order; by default every sample from the first to the last.</summary>
    public SampleOrder Order { get; init; } = SampleOrder.Sequential;

    /// <summary>The seed of the order, the augmentation and the mixing; 0 by default.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads that read and encode samples; by default as many as there are cores, at most 4. With 0 the thread that asks for a batch makes it.</summary>
    public int Workers { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>Batches made ahead of the one in use, at least 1; 2 by default. Without workers none is.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Whether a last batch that is not full is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>Mixes the samples of each batch with one another (<see cref="Mixup"/>, <see cref="CutMix"/>), or null.</summary>
    public BatchMix? Mix { get; init; }

    /// <summary>
    /// Where batches go to, the processor by default. They are made on the processor, and each is moved once, when it is handed over.
    /// </summary>
    public Device Device { get; init; } = Device.Cpu;

    internal void Validate()
    {
        _ = ComputeDevice.Find(Device);
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(Workers is >= 0 and <= 256, nameof(Workers), Workers, "from 0 to 256");
        Require(Prefetch >= 1, nameof(Prefetch), Prefetch, "at least 1");
        ArgumentNullException.ThrowIfNull(Order);
    }

    private static void Require(bool holds, string name, int value, string range)
    {
        if (!holds)
            throw new AnnealException($"{nameof(DataLoaderOptions)}.{name} is {value}; it must be {range}.");
    }
}
