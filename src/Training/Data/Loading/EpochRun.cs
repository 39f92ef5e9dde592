using Anneal.Training.Devices;

namespace Anneal.Training.Data.Loading;

/// <summary>
/// One way through an epoch. The consumer opens batches, at most <see cref="DataLoaderOptions.Prefetch"/> ahead of the one it uses; the threads
/// draw samples of the opened batches, one after the other, so that all of them work on the batch that is needed first.
/// </summary>
internal sealed class EpochRun<T> : IDisposable
{
    private readonly object _gate = new();
    private readonly EpochSamples<T> _samples;
    private readonly DataLoaderOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly Queue<PendingBatch<T>> _toFill = new();
    private readonly Queue<PendingBatch<T>> _ahead = new();
    private readonly Thread[] _threads;
    private Batch? _handedOver;
    private int _nextBatch;
    private bool _isStopped;

    public EpochRun(DataLoader<T> loader, int epoch, int firstBatch, CancellationToken cancellation)
    {
        (_samples, _options, _nextBatch, _cancellation) = (new(loader, epoch), loader.Options, firstBatch, cancellation);
        _threads = [.. Enumerable.Range(1, _options.Workers).Select(number => new Thread(Work) { IsBackground = true, Name = $"Anneal loader {number}" })];
        // The consumer's scope is not the threads': what they touch must not hold on to it.
        foreach (var thread in _threads)
            thread.UnsafeStart();
    }

    /// <summary>The next batch, which may still be in the making; null at the end of the epoch. The batch given before goes.</summary>
    public PendingBatch<T>? Next()
    {
        _handedOver?.Discard("the loader has gone on to the next batch; keep the batch with Keep() to use it afterwards");
        _handedOver = null;
        _cancellation.ThrowIfCancellationRequested();
        var ahead = _threads.Length == 0 ? 0 : _options.Prefetch;
        while (_nextBatch < _samples.BatchCount && _ahead.Count <= ahead)
            Open(_nextBatch++);
        if (!_ahead.TryPeek(out var pending))
            return null;
        if (_threads.Length == 0)
            FillHere(pending);
        return pending;
    }

    /// <summary>Gives a batch that is filled to the consumer's scope.</summary>
    /// <exception cref="SampleException">One of its samples could not be loaded.</exception>
    public Batch HandOver(PendingBatch<T> pending)
    {
        _ahead.Dequeue();
        _handedOver = pending.Finish().On(ComputeDevice.Find(_options.Device).Name);
        _handedOver.MoveTo(TensorScope.Current);
        return _handedOver;
    }

    /// <summary>Returns when the threads have ended: each finishes the sample that it is at.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads)
            thread.Join();
        foreach (var pending in _ahead)
            pending.Discard();
    }

    private void Open(int number)
    {
        var pending = new PendingBatch<T>(_samples, number, _cancellation);
        _ahead.Enqueue(pending);
        lock (_gate)
        {
            _toFill.Enqueue(pending);
            Monitor.PulseAll(_gate);
        }
    }

    private void FillHere(PendingBatch<T> pending)
    {
        _toFill.Clear();
        for (var row = 0; row < pending.Count; row++)
        {
            _cancellation.ThrowIfCancellationRequested();
            pending.Fill(row);
        }
    }

    private void Work()
    {
        while (Draw() is var (pending, row))
            pending.Fill(row);
    }

    private (PendingBatch<T> Pending, int Row)? Draw()
    {
        lock (_gate)
        {
            while (!_isStopped && _toFill.Count == 0)
                Monitor.Wait(_gate);
            if (_isStopped)
                return null;
            var pending = _toFill.Peek();
            var row = pending.NextRow++;
            if (pending.NextRow == pending.Count)
                _toFill.Dequeue();
            return (pending, row);
        }
    }
}
