namespace Anneal.Training;

/// <summary>
/// Owns the tensors that are made while it is the innermost scope: a training step, an evaluation batch. When it ends, their memory goes back to
/// the pool, but for those that are kept (<see cref="Tensor.Keep"/>), parameters and buffers. A scope follows asynchronous calls.
/// </summary>
public sealed class TensorScope : IDisposable
{
    private static readonly AsyncLocal<TensorScope?> Innermost = new();

    // As many as scopes are commonly inside one another.
    private const int MostSpare = 8;

    // The emptied lists of scopes that have ended on this thread, for those that begin on it: a list has then grown already.
    [ThreadStatic]
    private static Stack<List<Tensor>>? Spare;

    private readonly Lock _gate = new();
    private readonly TensorScope? _outer;

    // None once the scope has ended.
    private List<Tensor>? _tensors;

    private TensorScope(TensorScope? outer)
    {
        _outer = outer;
        _tensors = (Spare ??= new()).TryPop(out var spare) ? spare : [];
    }

    /// <summary>The innermost scope, or null outside scopes.</summary>
    internal static TensorScope? Current => Innermost.Value;

    /// <summary>Begins a scope: <c>using var step = TensorScope.Begin();</c>.</summary>
    public static TensorScope Begin()
    {
        var scope = new TensorScope(Innermost.Value);
        Innermost.Value = scope;
        return scope;
    }

    /// <summary>Gives a tensor to the scope around this one, or to none, so that it outlives this one. Returns the tensor.</summary>
    public Tensor Lift(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Owner == this)
            tensor.MoveTo(_outer);
        return tensor;
    }

    /// <summary>Ends the scope.</summary>
    public void Dispose()
    {
        if (Innermost.Value == this)
            Innermost.Value = _outer;
        Clear();
        if (Interlocked.Exchange(ref _tensors, null) is { } spare && (Spare ??= new()).Count < MostSpare)
            Spare.Push(spare);
    }

    /// <summary>Lets go of what the scope owns, as at its end; it goes on.</summary>
    internal void Clear()
    {
        lock (_gate)
        {
            if (_tensors is null)
                return;
            foreach (var tensor in _tensors)
                if (tensor.Owner == this)
                    tensor.Discard("the scope that it was made in has ended; keep it with Keep() to use it afterwards");
            _tensors.Clear();
        }
    }

    /// <summary>Several threads may work inside one scope.</summary>
    internal void Add(Tensor tensor)
    {
        lock (_gate)
            _tensors?.Add(tensor);
    }
}
