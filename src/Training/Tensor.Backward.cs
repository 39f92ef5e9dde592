using Anneal.Onnx;

namespace Anneal.Training;

public partial class Tensor
{
    /// <summary>
    /// Walks the tape backwards from this tensor and adds to <see cref="Grad"/> of every leaf that requires one: reverse-mode differentiation,
    /// each entry once, latest first. What the tape held goes back to the pool; a second walk is refused.
    /// </summary>
    /// <param name="dy">The gradient of the result by this tensor, shaped as it; null means 1, for a tensor with one element.</param>
    /// <exception cref="AnnealException">
    /// Nothing was recorded, the tape was consumed already, a parameter has changed since it was used, or an operator cannot be trained.
    /// </exception>
    /// <exception cref="ShapeMismatchException">The gradient is missing or does not fit.</exception>
    public void Backward(Tensor? dy = null)
    {
        if (!RequiresGrad)
            throw new AnnealException($"Backward has nothing to do: {Title} depends on no tensor that requires a gradient. Was it computed inside Grad.Off()?");
        if (dy is not null && (dy.Shape != Shape || dy.DType != DType))
            throw new ShapeMismatchException($"Backward of {Title} needs a gradient of that type and shape; {dy.Title} was given.");
        if (dy is null && Count != 1)
            throw new ShapeMismatchException($"Backward of {Title} needs a gradient shaped as it: only a tensor with one element has one by itself.");
        using var silence = Training.Grad.Silently();
        using var scope = TensorScope.Begin();
        var pass = new BackwardPass(scope);
        pass.Start(this, dy?.View(dy.Shape) ?? Full(Shape, 1, DType, Device));
        pass.Run();
    }

    /// <summary>
    /// Calls a function with the tensor's gradient when a backward pass has all of it, before it goes on or is added to <see cref="Grad"/>. What the
    /// function returns takes the gradient's place; null leaves it as it is. Hooks run in the order in which they were registered.
    /// </summary>
    /// <param name="hook">The function: gradient in, gradient of the same type and shape, or null, out. Nothing in it is recorded.</param>
    /// <returns>Dispose it to take the hook away.</returns>
    /// <exception cref="AnnealException">The tensor requires no gradient.</exception>
    public IDisposable RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        if (!RequiresGrad)
            throw new AnnealException($"{Title} requires no gradient, so that a hook on it would never be called.");
        return (_hooks ??= new(this)).Add(hook);
    }
}
