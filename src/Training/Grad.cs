namespace Anneal.Training;

/// <summary>Whether operators are recorded for a backward pass.</summary>
public static class Grad
{
    private static readonly AsyncLocal<bool> IsOff = new();

    /// <summary>Whether operators are recorded here.</summary>
    public static bool IsOn => !IsOff.Value;

    /// <summary>
    /// Records nothing until the result is disposed, on this thread and in the asynchronous calls made from here, and owns the tensors that are
    /// made meanwhile: <c>using var evaluation = Grad.Off();</c>.
    /// </summary>
    public static IDisposable Off() => new Evaluation();

    /// <summary>
    /// Looks at what every operator makes, forward and backward, until the result is disposed, and stops at the first that makes a NaN with an error
    /// that names it and its inputs: <c>using var finder = Grad.FindNaN();</c>. Slow; it is for finding, not for training.
    /// </summary>
    public static IDisposable FindNaN() => NanFinder.Begin();

    /// <summary>
    /// Applies a piece of a network that keeps nothing but its inputs: the backward pass computes it a second time. Memory is traded for time
    /// (gradient checkpointing: Chen et al., 2016). The second time draws the same random numbers and updates no buffer; the piece must do the
    /// same both times otherwise.
    /// </summary>
    /// <param name="piece">The piece, from its inputs to its outputs.</param>
    /// <param name="inputs">Its inputs. Tensors that it uses otherwise get no gradient, but for parameters, which do.</param>
    public static Tensor[] Recompute(Func<Tensor[], Tensor[]> piece, params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(piece);
        ArgumentNullException.ThrowIfNull(inputs);
        return Recomputation.Apply(piece, inputs);
    }

    /// <summary>As <see cref="Recompute(Func{Tensor[], Tensor[]}, Tensor[])"/>, for a piece with one input and one output.</summary>
    public static Tensor Recompute(Func<Tensor, Tensor> piece, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return Recompute(inputs => [piece(inputs[0])], input)[0];
    }

    /// <summary>Records nothing while a function runs, whose result outlives it.</summary>
    internal static Switched Silently() => Switch(isOff: true);

    /// <summary>Records or not until the result is disposed.</summary>
    internal static Switched Switch(bool isOff)
    {
        var before = IsOff.Value;
        IsOff.Value = isOff;
        return new(before);
    }

    /// <summary>Ends <see cref="Switch"/>.</summary>
    internal readonly struct Switched(bool before) : IDisposable
    {
        public void Dispose() => IsOff.Value = before;
    }

    private sealed class Evaluation : IDisposable
    {
        private readonly bool _before = IsOff.Value;
        private readonly TensorScope _scope = TensorScope.Begin();

        public Evaluation() => IsOff.Value = true;

        public void Dispose()
        {
            _scope.Dispose();
            IsOff.Value = _before;
        }
    }
}
