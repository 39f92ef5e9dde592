using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>
/// Where the inputs of what learns come from: pictures, or features of the frozen part; computed for each batch where pictures are changed at
/// random, and once and for all where they are not.
/// </summary>
/// <param name="batchCount">How many batches an epoch has.</param>
/// <param name="sampleCount">How many pictures an epoch has.</param>
/// <param name="epoch">The batches of an epoch, from one on.</param>
internal sealed class TuningSource(int batchCount, int sampleCount, Func<int, int, CancellationToken, IEnumerable<Batch>> epoch)
{
    public int BatchCount => batchCount;

    public int SampleCount => sampleCount;

    /// <summary>What a batch's inputs go through before they reach what learns; null for nothing.</summary>
    public FrozenFeatures? Front { get; init; }

    /// <summary>The batches of an epoch; their inputs are what the learning part takes once <see cref="Features"/> has seen them.</summary>
    public IEnumerable<Batch> Epoch(int number, int firstBatch, CancellationToken cancellation) => epoch(number, firstBatch, cancellation);

    /// <summary>What the learning part takes.</summary>
    public Tensor Features(Batch batch) => Front is null ? batch.Inputs : Front.Run(batch.Inputs);

    /// <summary>The batches that a loader makes.</summary>
    public static TuningSource From<T>(DataLoader<T> loader, FrozenFeatures? front = null) =>
        new(loader.BatchCount, loader.Options.DropLast ? loader.BatchCount * loader.Options.BatchSize : loader.SampleCount, loader.Epoch) { Front = front };
}
