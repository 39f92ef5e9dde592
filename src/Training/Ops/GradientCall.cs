using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>What an operator sees when it is differentiated: its inputs x, its outputs y, the gradients dy that came, and a place for dx.</summary>
internal sealed class GradientCall(TapeEntry entry)
{
    private readonly Tensor?[] _dy = entry.Incoming!;
    private readonly Tensor?[] _dx = new Tensor?[entry.Inputs.Length];

    /// <summary>The operator.</summary>
    public Op Op => entry.Op;

    /// <summary>How many inputs the call had, those left out included.</summary>
    public int InputCount => entry.Inputs.Length;

    /// <summary>An input that is there.</summary>
    public Tensor X(int index) => entry.Inputs[index]!;

    /// <summary>An input, or null when it was left out.</summary>
    public Tensor? OptionalX(int index) => index < entry.Inputs.Length ? entry.Inputs[index] : null;

    /// <summary>How many outputs the call had.</summary>
    public int OutputCount => entry.Outputs.Length;

    /// <summary>An output.</summary>
    public Tensor Y(int index) => entry.Outputs[index];

    /// <summary>Whether a gradient came for an output.</summary>
    public bool HasDy(int index) => _dy[index] is not null;

    /// <summary>The gradient of an output: zeros when nothing used it.</summary>
    public Tensor Dy(int index) => _dy[index] ??= Tensor.Full(Y(index).Shape, 0, Y(index).DType, Y(index).Device);

    /// <summary>Whether the gradient of an input is wanted.</summary>
    public bool Wants(int index) => OptionalX(index) is { RequiresGrad: true };

    /// <summary>Gives the gradient of an input.</summary>
    public void Give(int index, Tensor dx) => _dx[index] = IsTaken(dx) ? dx.View(dx.Shape) : dx;

    /// <summary>The gradient that was given for an input.</summary>
    public Tensor? Given(int index) => _dx[index];

    // Each gradient on its way is an object of its own, so that each can go when it was used.
    private bool IsTaken(Tensor dx) => dx.Owner is null || Array.IndexOf(_dy, dx) >= 0 || Array.IndexOf(_dx, dx) >= 0
        || Array.IndexOf(entry.Inputs, dx) >= 0 || Array.IndexOf(entry.Outputs, dx) >= 0;
}
