using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// The runs of one session: as many as threads that ever ran at once. Closing waits for those in flight, then frees all.
/// </summary>
internal sealed class RunPool(InferenceSession session, int tensors, string owner)
{
    private readonly Stack<OrtRun> _idle = new();
    private readonly object _gate = new();
    private int _inFlight;
    private bool _closed;

    /// <summary>A run for the calling thread, to be returned.</summary>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public OrtRun Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            _inFlight++;
            if (_idle.TryPop(out var run))
                return run;
        }
        return Create();
    }

    /// <summary>Gives a run back, whatever became of it.</summary>
    public void Return(OrtRun run)
    {
        run.Release();
        lock (_gate)
        {
            _idle.Push(run);
            Left();
        }
    }

    /// <summary>Refuses new runs, waits for those in flight, frees all. True for the one caller that closed it.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _closed = true;
            while (_inFlight > 0)
                Monitor.Wait(_gate);
            while (_idle.TryPop(out var run))
                run.Dispose();
            return true;
        }
    }

    private OrtRun Create()
    {
        try
        {
            return new OrtRun(session, tensors);
        }
        catch
        {
            lock (_gate)
                Left();
            throw;
        }
    }

    private void Left()
    {
        if (--_inFlight == 0)
            Monitor.PulseAll(_gate);
    }
}
