using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// The runs of one session: as many as threads that ever ran at once. Closing waits for those in flight, then frees all.
/// </summary>
internal sealed class RunPool(InferenceSession session, int tensors, string owner)
{
    private readonly ConcurrentStack<OrtRun> _idle = new();
    private readonly RunGate _gate = new(owner);

    /// <summary>A run for the calling thread, to be returned.</summary>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public OrtRun Take()
    {
        _gate.Enter();
        return _idle.TryPop(out var run) ? run : Create();
    }

    /// <summary>Gives a run back, whatever became of it.</summary>
    public void Return(OrtRun run)
    {
        run.Release();
        _idle.Push(run);
        _gate.Leave();
    }

    /// <summary>Refuses new runs, waits for those in flight, frees all. True for the one caller that closed it.</summary>
    public bool Close()
    {
        if (!_gate.Close())
            return false;
        while (_idle.TryPop(out var run))
            run.Dispose();
        return true;
    }

    private OrtRun Create()
    {
        try
        {
            return new OrtRun(session, tensors);
        }
        catch
        {
            _gate.Leave();
            throw;
        }
    }
}
