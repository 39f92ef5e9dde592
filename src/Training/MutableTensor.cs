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
        CountChange();
        return Address;
    }

    /// <summary>Counts a change of the elements in place.</summary>
    internal void CountChange() => Version++;

    /// <summary>Trades elements with a tensor of the same type and shape on the same device.</summary>
    internal void Trade(MutableTensor other)
    {
        if (Compute is CpuDevice)
            TradeBytes(other);
        else
            TradeOnDevice(other);
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

    /// <summary>Lives on another device from now on. The gradient, which lives on the old one, goes.</summary>
    internal void SendTo(ComputeDevice device)
    {
        if (device == Compute)
            return;
        using var scope = TensorScope.Begin();
        Settle(CopyOn(device)!);
    }

    /// <summary>A copy of the elements on another device; null when they live there already.</summary>
    internal Tensor? CopyOn(ComputeDevice device)
    {
        if (device == Compute)
            return null;
        var copy = Empty(device, DType, Shape);
        ComputeDevice.Copy(this, copy);
        return copy;
    }

    /// <summary>Lives where a copy does from now on, with its elements.</summary>
    internal void Settle(Tensor copy)
    {
        ZeroGrad();
        TakeOver(copy);
        Version++;
    }

    private void TradeOnDevice(MutableTensor other)
    {
        using var scope = TensorScope.Begin();
        var place = Empty(Compute, DType, Shape);
        ComputeDevice.Copy(this, place);
        ComputeDevice.Copy(other, this);
        ComputeDevice.Copy(place, other);
    }

    private void TradeBytes(MutableTensor other)
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
