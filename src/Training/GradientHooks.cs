using Anneal.Onnx;

namespace Anneal.Training;

/// <summary>The functions that a tensor's gradient passes through, in the order in which they were registered.</summary>
internal sealed class GradientHooks(Tensor tensor)
{
    private readonly List<Hook> _hooks = [];

    /// <summary>Registers a function; disposing the result takes it away.</summary>
    public IDisposable Add(Func<Tensor, Tensor?> function)
    {
        var hook = new Hook(this, function);
        _hooks.Add(hook);
        return hook;
    }

    /// <summary>The gradient that comes out.</summary>
    /// <exception cref="ShapeMismatchException">A function gave a tensor of another type or shape.</exception>
    public Tensor Run(Tensor dy)
    {
        foreach (var hook in _hooks.ToArray())
            dy = hook.Function(dy) is { } replaced ? Checked(dy, replaced) : dy;
        return dy;
    }

    private Tensor Checked(Tensor dy, Tensor replaced) => replaced.Shape == dy.Shape && replaced.DType == dy.DType
        ? replaced
        : throw new ShapeMismatchException($"A hook on {tensor.Title} returned {replaced.Title} for {dy.Title}; type and shape must stay.");

    private sealed class Hook(GradientHooks all, Func<Tensor, Tensor?> function) : IDisposable
    {
        public Func<Tensor, Tensor?> Function { get; } = function;

        public void Dispose() => all._hooks.Remove(this);
    }
}
