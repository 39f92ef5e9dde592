using Anneal.Onnx;
using Anneal.Training.Ops;

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
        new BackwardPass(this, scope).Run(dy?.View(dy.Shape) ?? Full(Shape, 1, DType, Device));
    }
}

/// <summary>
/// One walk over the tape. Each gradient on its way is a tensor object of its own, though several may share elements, and goes when the entry that
/// waits for it has used it.
/// </summary>
internal sealed class BackwardPass(Tensor root, TensorScope walk)
{
    private const string Used = "the backward pass has used it";

    private readonly PriorityQueue<TapeEntry, long> _waiting = new();

    public void Run(Tensor dy)
    {
        Give(root, dy);
        while (_waiting.TryDequeue(out var entry, out _))
            Visit(entry);
    }

    private void Visit(TapeEntry entry)
    {
        entry.RequireFresh();
        var incoming = entry.Incoming!;
        using var scope = TensorScope.Begin();
        var call = new GradientCall(entry);
        entry.Kernel.Backward(call);
        for (var i = 0; i < entry.Inputs.Length; i++)
            if (entry.Inputs[i] is { RequiresGrad: true } input && call.Given(i) is { } dx)
                Give(input, scope.Lift(dx));
        entry.Consume(root);
        foreach (var dy in incoming)
            dy?.Discard(Used);
    }

    private void Give(Tensor tensor, Tensor dy)
    {
        if (dy.Shape != tensor.Shape || dy.DType != tensor.DType)
            throw new ShapeMismatchException($"The gradient of {tensor.Title} came as {dy.Title}.");
        if (tensor.Entry is { } entry)
            Wait(entry, Array.IndexOf(entry.Outputs, tensor), dy);
        else
            Accumulate(tensor, dy);
    }

    private void Wait(TapeEntry entry, int output, Tensor dy)
    {
        if (entry.Incoming is null)
        {
            entry.Incoming = new Tensor?[entry.Outputs.Length];
            _waiting.Enqueue(entry, -entry.Order);
        }
        entry.Incoming[output] = entry.Incoming[output] is { } before ? Add(before, dy) : dy;
    }

    /// <summary>The sum belongs to the whole walk, not to the entry that happens to be visited.</summary>
    private Tensor Add(Tensor a, Tensor b)
    {
        var sum = a + b;
        sum.MoveTo(walk);
        a.Discard(Used);
        b.Discard(Used);
        return sum;
    }

    /// <summary>A leaf's gradient belongs to nobody's scope: it stays until it is taken away.</summary>
    private void Accumulate(Tensor leaf, Tensor dy)
    {
        leaf.Grad = leaf.Grad is { } before ? Add(before, dy) : dy;
        leaf.Grad.MoveTo(null);
    }
}
