using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>What a recurrent layer hands on from one step to the next: the state [B,hidden] and, for LSTM, the cell [B,hidden].</summary>
internal readonly record struct RecurrentState(Tensor Hidden, Tensor? Cell);

/// <summary>What a cell of one direction works with.</summary>
/// <param name="R">The recurrent weights [gates·hidden,hidden].</param>
/// <param name="Bias">What the cell adds to the product with them [gates·hidden]; null when the product of the input has it already.</param>
/// <param name="Peepholes">The peepholes [3·hidden] of input, output and forget gate; null without any.</param>
/// <param name="Activations">Its activations in the operator's order.</param>
internal sealed record RecurrentWeights(Tensor R, Tensor? Bias, Tensor? Peepholes, Func<Tensor, Tensor>[] Activations);

/// <summary>One step of a recurrent layer in one direction.</summary>
internal abstract class RecurrentCell
{
    /// <summary>The state after a step.</summary>
    /// <param name="x">What the step's input gives each gate, biases included: [B,gates·hidden].</param>
    /// <param name="last">The state before.</param>
    public abstract RecurrentState Step(Tensor x, RecurrentState last);

    /// <summary>The gates of [B,gates·hidden] or of [gates·hidden], one after another.</summary>
    protected static Tensor[] Gates(Tensor all, int count) =>
        Tensor.ApplyAll(new Split { Axis = -1, NumOutputs = count }, count, all);
}

/// <summary>H' = f(x + H Rᵀ) (ONNX operator <c>RNN</c>).</summary>
internal sealed class RnnCell(RecurrentWeights weights) : RecurrentCell
{
    private readonly Tensor _r = weights.R.Transpose(1, 0);

    public override RecurrentState Step(Tensor x, RecurrentState last) => new(weights.Activations[0](x + last.Hidden.MatMul(_r)), null);
}

/// <summary>
/// C' = forget · C + input · g(cell) and H' = output · h(C'), with gates in the order input, output, forget, cell. A peephole lets a gate see the
/// cell: input and forget gate the one before, the output gate the one after (ONNX operator <c>LSTM</c>).
/// </summary>
internal sealed class LstmCell(LSTM op, RecurrentWeights weights) : RecurrentCell
{
    private readonly Tensor _r = weights.R.Transpose(1, 0);
    private readonly Tensor[]? _peepholes = weights.Peepholes is { } all ? Gates(all, 3) : null;

    public override RecurrentState Step(Tensor x, RecurrentState last)
    {
        var (f, g, h) = (weights.Activations[0], weights.Activations[1], weights.Activations[2]);
        var (gates, before) = (Gates(x + last.Hidden.MatMul(_r), 4), last.Cell!);
        var input = f(Seeing(gates[0], before, 0));
        var forget = op.InputForget ? 1 - input : f(Seeing(gates[2], before, 2));
        var cell = (forget * before) + (input * g(gates[3]));
        var output = f(Seeing(gates[1], cell, 1));
        return new(output * h(cell), cell);
    }

    private Tensor Seeing(Tensor gate, Tensor cell, int peephole) => _peepholes is null ? gate : gate + (cell * _peepholes[peephole]);
}

/// <summary>
/// H' = (1 - update) · g(new) + update · H, with gates in the order update, reset, new. The reset gate works on H before the product with R, or,
/// linear before reset, on the product and its bias (ONNX operator <c>GRU</c>).
/// </summary>
internal sealed class GruCell : RecurrentCell
{
    private readonly RecurrentWeights _weights;
    private readonly bool _linearBeforeReset;
    private readonly Tensor _r;
    private readonly Tensor _rNew;

    public GruCell(GRU op, RecurrentWeights weights)
    {
        var (hidden, r) = (weights.R.Shape[1], weights.R.Transpose(1, 0));
        (_weights, _linearBeforeReset) = (weights, op.LinearBeforeReset);
        (_r, _rNew) = _linearBeforeReset ? (r, r) : (r.Slice(1, 0, 2 * hidden), r.Slice(1, 2 * hidden, 3 * hidden));
    }

    public override RecurrentState Step(Tensor x, RecurrentState last)
    {
        var (f, g, given) = (_weights.Activations[0], _weights.Activations[1], Gates(x, 3));
        var product = last.Hidden.MatMul(_r);
        var own = Gates(_weights.Bias is { } bias ? product + bias : product, _linearBeforeReset ? 3 : 2);
        var (update, reset) = (f(given[0] + own[0]), f(given[1] + own[1]));
        var fresh = g(given[2] + (_linearBeforeReset ? reset * own[2] : (reset * last.Hidden).MatMul(_rNew)));
        return new(((1 - update) * fresh) + (update * last.Hidden), null);
    }
}
