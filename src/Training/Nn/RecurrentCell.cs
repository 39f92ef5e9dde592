using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>
/// The weights of one recurrent step: the gates' products with the input and with the last state. All start even within ±1/√hidden, as PyTorch's.
/// </summary>
public abstract class RecurrentCell : ModuleBase
{
    private protected RecurrentCell(int inputSize, int hiddenSize, int gates, bool bias, Generator? generator)
    {
        (InputSize, HiddenSize) = (Expect.AtLeast(1, inputSize, nameof(inputSize)), Expect.AtLeast(1, hiddenSize, nameof(hiddenSize)));
        Weights = new("", new(inputSize, hiddenSize, gates), bias, generator, Register);
    }

    /// <summary>The extent of the last axis of x.</summary>
    public int InputSize { get; }

    /// <summary>The extent of the last axis of the state.</summary>
    public int HiddenSize { get; }

    private protected RecurrentWeights Weights { get; }

    private protected Tensor Zeros(Tensor x) => Tensor.Zeros([x.Shape[0], HiddenSize], x.DType, x.Device);

    private protected void RequireFit(Tensor x, params ReadOnlySpan<Tensor?> states)
    {
        ArgumentNullException.ThrowIfNull(x);
        Expect.Layout(this, x, "[N,I]");
        Expect.Features(this, x, InputSize);
        foreach (var state in states)
            if (state is not null && state.Shape != TensorShape.Of([x.Shape[0], HiddenSize]))
                throw new ShapeMismatchException($"{Title} takes a state [N,H] = [{x.Shape[0]},{HiddenSize}]; {state.Shape} was given.");
    }
}

/// <summary>A plain recurrent step, h' = tanh(w·x + r·h + b): x [N,inputSize] and h [N,hiddenSize] to h'.</summary>
public sealed class RnnCell : RecurrentCell
{
    private readonly Nonlinearity _nonlinearity;

    /// <summary>A cell with fresh weights.</summary>
    /// <param name="inputSize">The length of an input.</param>
    /// <param name="hiddenSize">The length of the state.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="nonlinearity"><see cref="Nonlinearity.Tanh"/> or <see cref="Nonlinearity.Relu"/>.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public RnnCell(int inputSize, int hiddenSize, bool bias = true, Nonlinearity nonlinearity = Nonlinearity.Tanh, Generator? generator = null)
        : base(inputSize, hiddenSize, 1, bias, generator) => _nonlinearity = RecurrentSteps.Checked(nonlinearity);

    /// <summary>The next state.</summary>
    /// <param name="x">[N,inputSize].</param>
    /// <param name="hidden">The last state [N,hiddenSize]; zeros when left out.</param>
    public Tensor Forward(Tensor x, Tensor? hidden = null)
    {
        RequireFit(x, hidden);
        return RecurrentSteps.Rnn(Weights.OfInput(x), Weights.ForSteps().Times(hidden ?? Zeros(x)), _nonlinearity);
    }
}

/// <summary>A gated recurrent step (Cho et al. 2014): x [N,inputSize] and h [N,hiddenSize] to h'.</summary>
public sealed class GruCell : RecurrentCell
{
    /// <summary>A cell with fresh weights.</summary>
    /// <param name="inputSize">The length of an input.</param>
    /// <param name="hiddenSize">The length of the state.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public GruCell(int inputSize, int hiddenSize, bool bias = true, Generator? generator = null) : base(inputSize, hiddenSize, 3, bias, generator) { }

    /// <summary>The next state.</summary>
    /// <param name="x">[N,inputSize].</param>
    /// <param name="hidden">The last state [N,hiddenSize]; zeros when left out.</param>
    public Tensor Forward(Tensor x, Tensor? hidden = null)
    {
        RequireFit(x, hidden);
        var h = hidden ?? Zeros(x);
        return RecurrentSteps.Gru(Weights.OfInput(x), Weights.ForSteps().Times(h), h);
    }
}

/// <summary>A step with long short-term memory (Hochreiter and Schmidhuber 1997): x [N,inputSize] and states [N,hiddenSize] to states.</summary>
public sealed class LstmCell : RecurrentCell
{
    /// <summary>A cell with fresh weights.</summary>
    /// <param name="inputSize">The length of an input.</param>
    /// <param name="hiddenSize">The length of a state.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public LstmCell(int inputSize, int hiddenSize, bool bias = true, Generator? generator = null) : base(inputSize, hiddenSize, 4, bias, generator) { }

    /// <summary>The next states.</summary>
    /// <param name="x">[N,inputSize].</param>
    /// <param name="state">The last states [N,hiddenSize]; zeros when left out.</param>
    public LstmState Forward(Tensor x, LstmState? state = null)
    {
        RequireFit(x, state?.Hidden, state?.Cell);
        var (h, c) = state ?? new(Zeros(x), Zeros(x));
        return RecurrentSteps.Lstm(Weights.OfInput(x), Weights.ForSteps().Times(h), c);
    }
}

/// <summary>What an LSTM hands from step to step.</summary>
/// <param name="Hidden">What it shows.</param>
/// <param name="Cell">What it remembers.</param>
public sealed record LstmState(Tensor Hidden, Tensor Cell);
