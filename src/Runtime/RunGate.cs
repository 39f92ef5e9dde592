namespace Anneal.Runtime;

/// <summary>Counts the runs of a session: closing it waits for those in flight, and refuses later ones.</summary>
/// <param name="owner">What is closed, as the beginning of a sentence.</param>
internal sealed class RunGate(string owner)
{
    private readonly object _gate = new();
    private int _inFlight;
    private bool _closed;

    /// <summary>A run begins; <see cref="Leave"/> ends it, whatever became of it.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            if (_closed)
                throw Closed();
            _inFlight++;
        }
    }

    /// <summary>A run has ended.</summary>
    public void Leave()
    {
        lock (_gate)
            if (--_inFlight == 0)
                Monitor.PulseAll(_gate);
    }

    /// <summary>Refuses new runs and waits for those in flight. True for the one caller that closed it.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _closed = true;
            while (_inFlight > 0)
                Monitor.Wait(_gate);
            return true;
        }
    }

    private ObjectDisposedException Closed() => new(owner, $"{owner} was disposed and runs no more.");
}
