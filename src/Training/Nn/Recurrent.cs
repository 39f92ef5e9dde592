using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>
/// Recurrent layers on top of one another, each forwards or in both directions: x [T,N,inputSize] to y [T,N,D·hiddenSize], D being 2 where the layers
/// are bidirectional, and states [layers·D,N,hiddenSize] that are handed on. With batchFirst, x and y are [N,T,…].
/// </summary>
public abstract class Recurrent : ModuleBase
{
    private readonly RecurrentOptions _options;
    private readonly List<RecurrentWeights> _weights = [];

    private protected Recurrent(RecurrentOptions options, int gates)
    {
        _options = options;
        _ = Expect.AtLeast(1, options.InputSize, "inputSize") + Expect.AtLeast(1, options.HiddenSize, "hiddenSize") + Expect.AtLeast(1, options.NumLayers, "numLayers");
        _ = Expect.Share(options.Dropout, "dropout");
        for (var layer = 0; layer < options.NumLayers; layer++)
            for (var direction = 0; direction < Directions; direction++)
            {
                var input = layer == 0 ? options.InputSize : Directions * options.HiddenSize;
                _weights.Add(new($"_l{layer}{(direction == 0 ? "" : "_reverse")}", new(input, options.HiddenSize, gates), options.Bias, options.Generator, Register));
            }
    }

    /// <summary>One step: new states, the first of which is shown, from the gates' products and the last states.</summary>
    private protected abstract Tensor[] Step(Tensor input, Tensor state, Tensor[] states);

    /// <summary>Runs all layers.</summary>
    /// <param name="x">The sequence.</param>
    /// <param name="initial">The first states; zeros where null.</param>
    /// <returns>What the last layer shows, and the last states.</returns>
    private protected (Tensor Y, Tensor[] Finals) Run(Tensor x, Tensor?[] initial)
    {
        RequireFit(x, initial);
        var y = _options.BatchFirst ? x.Transpose(1, 0, 2) : x;
        var batch = y.Shape[1];
        var finals = new List<Tensor[]>();
        for (var layer = 0; layer < _options.NumLayers; layer++)
        {
            y = layer > 0 && IsTraining ? y.Dropout(_options.Dropout, Generator.Next()) : y;
            var shown = new Tensor[Directions];
            for (var direction = 0; direction < Directions; direction++)
            {
                var index = (layer * Directions) + direction;
                var states = Array.ConvertAll(initial, all => all is null ? Tensor.Zeros([batch, _options.HiddenSize], x.DType, x.Device) : all.Slice(0, index, index + 1).Squeeze(0));
                (shown[direction], states) = Walk(y, _weights[index], states, isReversed: direction == 1);
                finals.Add(states);
            }
            y = Directions == 1 ? shown[0] : Tensor.Concat(2, shown);
        }
        Tensor[] last = [.. Enumerable.Range(0, initial.Length).Select(i => Stack([.. finals.Select(states => states[i])]))];
        return (_options.BatchFirst ? y.Transpose(1, 0, 2) : y, last);
    }

    private int Directions => _options.Bidirectional ? 2 : 1;

    private Generator Generator => _options.Generator ?? Generator.Default;

    /// <summary>The products with the inputs are taken for all steps at once.</summary>
    private (Tensor Y, Tensor[] States) Walk(Tensor x, RecurrentWeights weights, Tensor[] states, bool isReversed)
    {
        var (inputs, product, shown) = (weights.OfInput(x), weights.ForSteps(), new Tensor[x.Shape[0]]);
        for (var i = 0; i < shown.Length; i++)
        {
            var t = isReversed ? shown.Length - 1 - i : i;
            states = Step(inputs.Slice(0, t, t + 1).Squeeze(0), product.Times(states[0]), states);
            shown[t] = states[0];
        }
        return (Stack(shown), states);
    }

    private static Tensor Stack(Tensor[] tensors) => Tensor.Concat(0, Array.ConvertAll(tensors, tensor => tensor.Unsqueeze(0)));

    private void RequireFit(Tensor x, Tensor?[] initial)
    {
        ArgumentNullException.ThrowIfNull(x);
        Expect.Layout(this, x, _options.BatchFirst ? "[N,T,I]" : "[T,N,I]");
        Expect.Features(this, x, _options.InputSize);
        if (x.Shape[_options.BatchFirst ? 1 : 0] == 0)
            throw new ShapeMismatchException($"{Title} needs a sequence of one step or more; {x.Shape} was given.");
        TensorShape states = [_weights.Count, x.Shape[_options.BatchFirst ? 0 : 1], _options.HiddenSize];
        foreach (var state in initial)
            if (state is not null && state.Shape != states)
                throw new ShapeMismatchException($"{Title} takes states [layers·D,N,H] = {states}; {state.Shape} was given.");
    }
}

/// <summary>What every recurrent layer is made from.</summary>
internal readonly record struct RecurrentOptions(
    int InputSize, int HiddenSize, int NumLayers, bool Bias, bool BatchFirst, double Dropout, bool Bidirectional, Generator? Generator);

/// <summary>Plain recurrent layers, h' = tanh(w·x + r·h + b); see <see cref="Recurrent"/> for shapes.</summary>
public sealed class Rnn : Recurrent
{
    private readonly Nonlinearity _nonlinearity;

    /// <summary>Layers with fresh weights.</summary>
    /// <param name="inputSize">The length of an input.</param>
    /// <param name="hiddenSize">The length of a state.</param>
    /// <param name="numLayers">How many layers there are.</param>
    /// <param name="nonlinearity"><see cref="Nonlinearity.Tanh"/> or <see cref="Nonlinearity.Relu"/>.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="batchFirst">Whether x is [N,T,inputSize].</param>
    /// <param name="dropout">The share of what a layer shows that is dropped on the way to the next, in training.</param>
    /// <param name="bidirectional">Whether each layer also runs backwards.</param>
    /// <param name="generator">What weights and drops are drawn from; default <see cref="Generator.Default"/>.</param>
    public Rnn(
        int inputSize, int hiddenSize, int numLayers = 1, Nonlinearity nonlinearity = Nonlinearity.Tanh, bool bias = true, bool batchFirst = false,
        double dropout = 0, bool bidirectional = false, Generator? generator = null)
        : base(new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, generator), 1) => _nonlinearity = RecurrentSteps.Checked(nonlinearity);

    /// <summary>Runs over a sequence.</summary>
    /// <param name="x">[T,N,inputSize].</param>
    /// <param name="hidden">The first states [layers·D,N,hiddenSize]; zeros when left out.</param>
    /// <returns>What the last layer shows, and the last states.</returns>
    public (Tensor Y, Tensor Hidden) Forward(Tensor x, Tensor? hidden = null)
    {
        var (y, finals) = Run(x, [hidden]);
        return (y, finals[0]);
    }

    private protected override Tensor[] Step(Tensor input, Tensor state, Tensor[] states) => [RecurrentSteps.Rnn(input, state, _nonlinearity)];
}

/// <summary>Layers of gated recurrent units (Cho et al. 2014); see <see cref="Recurrent"/> for shapes.</summary>
public sealed class Gru : Recurrent
{
    /// <summary>Layers with fresh weights.</summary>
    /// <param name="inputSize">The length of an input.</param>
    /// <param name="hiddenSize">The length of a state.</param>
    /// <param name="numLayers">How many layers there are.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="batchFirst">Whether x is [N,T,inputSize].</param>
    /// <param name="dropout">The share of what a layer shows that is dropped on the way to the next, in training.</param>
    /// <param name="bidirectional">Whether each layer also runs backwards.</param>
    /// <param name="generator">What weights and drops are drawn from; default <see cref="Generator.Default"/>.</param>
    public Gru(
        int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0, bool bidirectional = false, Generator? generator = null)
        : base(new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, generator), 3)
    {
    }

    /// <inheritdoc cref="Rnn.Forward"/>
    public (Tensor Y, Tensor Hidden) Forward(Tensor x, Tensor? hidden = null)
    {
        var (y, finals) = Run(x, [hidden]);
        return (y, finals[0]);
    }

    private protected override Tensor[] Step(Tensor input, Tensor state, Tensor[] states) => [RecurrentSteps.Gru(input, state, states[0])];
}

/// <summary>Layers with long short-term memory (Hochreiter and Schmidhuber 1997); see <see cref="Recurrent"/> for shapes.</summary>
public sealed class Lstm : Recurrent
{
    /// <inheritdoc cref="Gru(int, int, int, bool, bool, double, bool, Generator?)"/>
    public Lstm(
        int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0, bool bidirectional = false, Generator? generator = null)
        : base(new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, generator), 4)
    {
    }

    /// <summary>Runs over a sequence.</summary>
    /// <param name="x">[T,N,inputSize].</param>
    /// <param name="state">The first states, each [layers·D,N,hiddenSize]; zeros when left out.</param>
    /// <returns>What the last layer shows, and the last states.</returns>
    public (Tensor Y, LstmState State) Forward(Tensor x, LstmState? state = null)
    {
        var (y, finals) = Run(x, [state?.Hidden, state?.Cell]);
        return (y, new(finals[0], finals[1]));
    }

    private protected override Tensor[] Step(Tensor input, Tensor state, Tensor[] states)
    {
        var (hidden, cell) = RecurrentSteps.Lstm(input, state, states[1]);
        return [hidden, cell];
    }
}
