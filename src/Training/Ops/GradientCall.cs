using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>
/// What an operator sees when it is differentiated: its inputs x, its outputs y, the gradients dy that came, and a place for dx. A backward pass has
/// one, which shows it one entry of the tape after another.
/// </summary>
internal sealed class GradientCall
{
    private TapeEntry? _entry;
    private Tensor?[] _dx = [];

    /// <summary>The operator.</summary>
    public Op Op => Entry.Op;

    /// <summary>How many inputs the call had, those left out included.</summary>
    public int InputCount => Entry.Inputs.Length;

    /// <summary>How many outputs the call had.</summary>
    public int OutputCount => Entry.Outputs.Length;

    private TapeEntry Entry => _entry!;

    private Tensor?[] Incoming => Entry.Incoming!;

    /// <summary>Shows an entry that gradients have come to.</summary>
    public void Show(TapeEntry entry)
    {
        _entry = entry;
        if (_dx.Length < entry.Inputs.Length)
            _dx = new Tensor?[entry.Inputs.Length];
        Array.Clear(_dx);
    }

    /// <summary>An input that is there.</summary>
    public Tensor X(int index) => Entry.Inputs[index]!;

    /// <summary>An input, or null when it was left out.</summary>
    public Tensor? OptionalX(int index) => index < InputCount ? Entry.Inputs[index] : null;

    /// <summary>An output.</summary>
    public Tensor Y(int index) => Entry.Outputs[index];

    /// <summary>Whether a gradient came for an output.</summary>
    public bool HasDy(int index) => Incoming[index] is not null;

    /// <summary>The gradient of an output: zeros when nothing used it.</summary>
    public Tensor Dy(int index) => Incoming[index] ??= Tensor.Full(Y(index).Shape, 0, Y(index).DType, Y(index).Device);

    /// <summary>Whether the gradient of an input is wanted.</summary>
    public bool Wants(int index) => OptionalX(index) is { RequiresGrad: true };

    /// <summary>Gives the gradient of an input. One that is not wanted goes nowhere; a dy may be given and then goes on itself.</summary>
    public void Give(int index, Tensor dx)
    {
        if (Wants(index))
            _dx[index] = IsTaken(dx) ? dx.View(dx.Shape) : dx;
    }

    /// <summary>The gradient that was given for an input.</summary>
    public Tensor? Given(int index) => _dx[index];

    /// <summary>Whether a gradient goes on to an input.</summary>
    public bool GoesOn(Tensor dy) => Array.IndexOf(_dx, dy) >= 0;

    // Each gradient on its way is an object of its own, so that each can go when it was used.
    private bool IsTaken(Tensor dx) =>
        dx.Owner is null || GoesOn(dx) || Array.IndexOf(Entry.Inputs, dx) >= 0 || Array.IndexOf(Entry.Outputs, dx) >= 0;
}
