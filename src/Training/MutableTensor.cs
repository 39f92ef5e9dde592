using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>
/// A tensor whose elements change in place: a parameter or a buffer of a module. Each change counts up <see cref="Version"/>, so that a backward
/// pass that still needs the old elements can refuse the new ones.
/// </summary>
public abstract class MutableTensor : Tensor
{
    private const int TradedAtOnce = 4096;

    private protected MutableTensor(Tensor initial)
        : base(initial.Compute, initial.DType, initial.Shape, initial.Compute.Pool.Rent(initial.DType.ByteLength(initial.Count)))
    {
        Keep();
        MoveTo(null);
        ComputeDevice.Copy(initial, this);
        Name = initial.Name;
    }

    /// <summary>How often the elements were changed.</summary>
    public int Version { get; private set; }

    /// <summary>
    /// Takes the elements of another tensor of the same type and shape, wherever it lives: an effect, which a piece that is computed again does not
    /// have twice (<see cref="Training.Grad.Recompute(Func{Tensor, Tensor}, Tensor)"/>).
    /// </summary>
    /// <exception cref="ShapeMismatchException">Type or shape differ.</exception>
    public void Assign(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.DType != DType || value.Shape != Shape)
            throw new ShapeMismatchException($"{Title} cannot take the elements of {value.Title}: type and shape must be the same.");
        if (Recomputation.IsAgain)
            return;
        ComputeDevice.Copy(value, this);
        Version++;
        Recording.Current?.Add(new Effect(this, value));
    }

    /// <summary>Where the elements lie, for a loop that changes them in place: that counts as one change.</summary>
    internal unsafe void* Change()
    {
        Version++;
        return Address;
    }

    /// <summary>Trades elements with a tensor of the same type and shape.</summary>
    internal void Trade(MutableTensor other)
    {
        Span<byte> place = stackalloc byte[TradedAtOnce];
        var mine = WritableBytes();
        var theirs = other.WritableBytes();
        while (mine.Length > 0)
        {
            var length = Math.Min(mine.Length, place.Length);
            mine[..length].CopyTo(place);
            theirs[..length].CopyTo(mine);
            place[..length].CopyTo(theirs);
            mine = mine[length..];
            theirs = theirs[length..];
        }
        (Version, other.Version) = (Version + 1, other.Version + 1);
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
