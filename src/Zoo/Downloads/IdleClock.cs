namespace Anneal.Zoo;

/// <summary>Limits how long a server may stay silent. It runs only while something is awaited from the server, not while the disk is written.</summary>
internal sealed class IdleClock : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;

    /// <summary>A clock for one attempt.</summary>
    public IdleClock(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        (_limit, _caller) = (limit, caller);
        _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, caller);
    }

    /// <summary>Awaits one thing from the server.</summary>
    public async Task<T> WatchAsync<T>(Func<CancellationToken, Task<T>> wait, string awaited)
    {
        _idle.CancelAfter(_limit);
        try
        {
            return await wait(_either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException silence) when (_idle.IsCancellationRequested && !_caller.IsCancellationRequested)
        {
            throw AttemptFailure.Passing($"sent no {awaited} for {_limit.TotalSeconds:0.###} s", silence);
        }
        finally
        {
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
    }
}
