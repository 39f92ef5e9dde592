using System.Runtime.CompilerServices;
using Anneal.Onnx;
using Anneal.Training.Data.Loading;

namespace Anneal.Training.Data;

/// <summary>
/// Makes batches of a dataset's samples, epoch by epoch, ahead of who uses them:
/// <c>foreach (var batch in loader.Epoch(epoch)) …</c>. A batch is decided by the dataset, the encoder, the seed, the epoch and its number:
/// neither workers, nor what was asked for before, nor a training that goes on in the middle of an epoch can change it. An epoch that is left
/// early stops its threads.
/// </summary>
/// <typeparam name="T">The sample. One that holds memory (<see cref="IDisposable"/>) is disposed once it is encoded.</typeparam>
public sealed class DataLoader<T>
{
    /// <summary>A loader of a dataset.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="encoder">How a sample becomes numbers, such as <see cref="PicturePipeline"/>.</param>
    /// <param name="options">Batch size, order, seed, workers; or null for the defaults.</param>
    /// <exception cref="AnnealException">An option is out of its range, or no batch would be full and others are to be dropped.</exception>
    /// <exception cref="DeviceUnavailableException">There is no such device here as the options name.</exception>
    public DataLoader(IDataset<T> dataset, ISampleEncoder<T> encoder, DataLoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(encoder);
        (Dataset, Encoder, Options) = (dataset, encoder, options ?? new());
        Options.Validate();
        Options.Mix?.RequireShape(encoder.Shape);
        SampleCount = Options.Order.Count(dataset.Count);
        BatchCount = Options.DropLast ? SampleCount / Options.BatchSize : (int)(((long)SampleCount + Options.BatchSize - 1) / Options.BatchSize);
        if (BatchCount == 0 && SampleCount > 0)
            throw new AnnealException(
                $"An epoch has {SampleCount} samples, not enough for one batch of {Options.BatchSize}, and {nameof(DataLoaderOptions.DropLast)} drops the rest. Take a smaller batch or keep the last one.");
    }

    /// <summary>The samples.</summary>
    public IDataset<T> Dataset { get; }

    /// <summary>How a sample becomes numbers.</summary>
    public ISampleEncoder<T> Encoder { get; }

    /// <summary>Batch size, order, seed, workers.</summary>
    public DataLoaderOptions Options { get; }

    /// <summary>How many samples an epoch draws, those of a dropped last batch included.</summary>
    public int SampleCount { get; }

    /// <summary>How many batches an epoch has.</summary>
    public int BatchCount { get; }

    /// <summary>The batches of an epoch.</summary>
    /// <param name="epoch">The epoch, counted from 0: what order and augmentation are drawn for.</param>
    /// <param name="firstBatch">Where to begin; what comes before is not read.</param>
    /// <param name="cancellation">Ends the epoch with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="SampleException">A sample cannot be read; the batches before it are given first.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0, CancellationToken cancellation = default)
    {
        RequirePlace(epoch, firstBatch);
        return Enumerate(epoch, firstBatch, cancellation);
    }

    /// <summary>
    /// The batches of an epoch, waited for without a thread: <c>await foreach (var batch in loader.EpochAsync(epoch)) …</c>. Without workers
    /// the thread that asks makes them.
    /// </summary>
    /// <inheritdoc cref="Epoch"/>
    public IAsyncEnumerable<Batch> EpochAsync(int epoch, int firstBatch = 0, CancellationToken cancellation = default)
    {
        RequirePlace(epoch, firstBatch);
        return EnumerateAsync(epoch, firstBatch, cancellation);
    }

    /// <summary>The numbers of an epoch's samples, in their order.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    public int[] Order(int epoch) => Options.Order.Draw(Dataset.Count, new Draws(Options.Seed).For("order").At(epoch));

    private IEnumerable<Batch> Enumerate(int epoch, int firstBatch, CancellationToken cancellation)
    {
        using var run = new EpochRun<T>(this, epoch, firstBatch, cancellation);
        while (run.Next() is { } pending)
        {
            pending.Filled.GetAwaiter().GetResult();
            yield return run.HandOver(pending);
        }
    }

    private async IAsyncEnumerable<Batch> EnumerateAsync(int epoch, int firstBatch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var run = new EpochRun<T>(this, epoch, firstBatch, cancellation);
        while (run.Next() is { } pending)
        {
            await pending.Filled.ConfigureAwait(false);
            yield return run.HandOver(pending);
        }
    }

    private void RequirePlace(int epoch, int firstBatch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchCount);
    }
}
