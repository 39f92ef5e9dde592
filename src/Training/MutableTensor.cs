using Anneal.Onnx;

namespace Anneal.Training;

/// <summary>
/// A tensor whose elements change in place: a parameter or a buffer of a module. Each change counts up <see cref="Version"/>, so that a backward
/// pass that still needs the old elements can refuse the new ones.
/// </summary>
public abstract class MutableTensor : Tensor
{
    private protected MutableTensor(Tensor initial)
        : base(initial.Compute, initial.DType, initial.Shape, initial.Compute.Pool.Rent(initial.DType.ByteLength(initial.Count)))
    {
        Keep();
        MoveTo(null);
        Copy(initial);
        Name = initial.Name;
    }

    /// <summary>How often the elements were changed.</summary>
    public int Version { get; private set; }

    /// <summary>
    /// Takes the elements of another tensor of the same type and shape: an effect, which a piece that is computed again does not have twice
    /// (<see cref="Training.Grad.Recompute(Func{Tensor, Tensor}, Tensor)"/>).
    /// </summary>
    /// <exception cref="ShapeMismatchException">Type or shape differ.</exception>
    public void Assign(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.DType != DType || value.Shape != Shape)
            throw new ShapeMismatchException($"{Title} cannot take the elements of {value.Title}: type and shape must be the same.");
        if (Recomputation.IsAgain)
            return;
        Copy(value);
        Version++;
        Recording.Current?.Add(new Effect(this, value));
    }

    /// <summary>Holds the elements in another type from now on. The gradient, which is of the old type, goes.</summary>
    internal void ConvertTo(DType dtype)
    {
        if (dtype == DType)
            return;
        ZeroGrad();
        using var silence = Training.Grad.Silently();
        TakeOver(Detach().To(dtype));
        Version++;
    }

    private unsafe void Copy(Tensor value)
    {
        var byteLength = DType.ByteLength(Count);
        Buffer.MemoryCopy(value.Address, Address, byteLength, byteLength);
    }
}

/// <summary>A tensor that an optimiser trains.</summary>
public sealed class Parameter : MutableTensor
{
    /// <summary>A parameter that starts with the elements of a tensor, copied.</summary>
    /// <exception cref="AnnealException">The elements are no floating-point numbers.</exception>
    public Parameter(Tensor initial) : base(initial) => RequiresGrad = true;
}

/// <summary>State of a module that is saved with it and not trained: a running mean for instance.</summary>
public sealed class StateTensor : MutableTensor
{
    /// <summary>A state that starts with the elements of a tensor, copied.</summary>
    public StateTensor(Tensor initial) : base(initial) { }
}
