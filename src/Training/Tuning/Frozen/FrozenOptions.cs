using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Training.Tuning;

/// <summary>How the frozen part of a model is run, and where its features are kept.</summary>
public sealed record FrozenOptions
{
    /// <summary>What runs it; null for ONNX Runtime.</summary>
    public IEngine? Engine { get; init; }

    /// <summary>The device; default: the processor.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>Threads that decode pictures and compute; 0 (default) means as many as there are cores. Range 0 to 256.</summary>
    public int Threads { get; init; }

    /// <summary>Pictures that go through the model together, at least 1; default 8. A model with a batch of its own takes that.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>The folder of features; null for <see cref="FeatureCache.DefaultFolder"/>.</summary>
    public string? CacheFolder { get; init; }

    internal void Validate()
    {
        if (Threads is < 0 or > 256)
            throw new AnnealException($"{nameof(FrozenOptions)}.{nameof(Threads)} is {Threads}; it must be from 0 to 256.");
        if (BatchSize < 1)
            throw new AnnealException($"{nameof(FrozenOptions)}.{nameof(BatchSize)} is {BatchSize}; it must be at least 1.");
    }
}
