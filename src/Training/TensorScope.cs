namespace Anneal.Training;

/// <summary>
/// Owns the tensors that are made while it is the innermost scope: a training step, an evaluation batch. When it ends, their memory goes back to
/// the pool, but for those that are kept (<see cref="Tensor.Keep"/>), parameters and buffers. A scope follows asynchronous calls.
/// </summary>
public sealed class TensorScope : IDisposable
{
    private static readonly AsyncLocal<TensorScope?> Innermost = new();

    private readonly TensorScope? _outer;
    private readonly List<Tensor> _tensors = [];

    private TensorScope(TensorScope? outer) => _outer = outer;

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
        lock (_tensors)
        {
            foreach (var tensor in _tensors)
                if (tensor.Owner == this)
                    tensor.Discard("the scope that it was made in has ended; keep it with Keep() to use it afterwards");
            _tensors.Clear();
        }
    }

    /// <summary>Several threads may work inside one scope.</summary>
    internal void Add(Tensor tensor)
    {
        lock (_tensors)
            _tensors.Add(tensor);
    }
}
