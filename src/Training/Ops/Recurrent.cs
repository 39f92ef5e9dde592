using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>
/// The recurrent layers, plain loops over the steps of a sequence. What the input gives every gate at every step, in all directions, is one product
/// beforehand; what is left in the loop depends on the step before.
/// </summary>
internal static class Recurrent
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new RecurrentKernel<RNN>("RNN", 1, ["Tanh"], _ => false, (_, weights) => new RnnCell(weights)) { IsChecked = true },
        new RecurrentKernel<LSTM>("LSTM", 4, ["Sigmoid", "Tanh", "Tanh"], _ => false, (op, weights) => new LstmCell(op, weights)) { IsChecked = true },
        new RecurrentKernel<GRU>("GRU", 3, ["Sigmoid", "Tanh"], op => op.LinearBeforeReset, (op, weights) => new GruCell(op, weights)) { IsChecked = true },
    ];
}

/// <summary>A recurrent layer from the cell that makes one step.</summary>
/// <param name="name">The operator.</param>
/// <param name="gates">How many gates a state has matrices for.</param>
/// <param name="activations">What its activations are by default.</param>
/// <param name="cellAddsBias">Whether the bias of the recurrent product is added inside the cell, not beforehand.</param>
/// <param name="makeCell">Makes the cell of one direction.</param>
internal sealed class RecurrentKernel<TOp>(
    string name, int gates, string[] activations, Func<TOp, bool> cellAddsBias, Func<TOp, RecurrentWeights, RecurrentCell> makeCell) : CompositeKernel(name)
    where TOp : RecurrentLayer
{
    protected override Tensor[] Compose(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) =>
        Run((TOp)op, new(Name, (RecurrentLayer)op, gates, inputs))[..outputCount];

    private Tensor[] Run(TOp op, RecurrentInputs given)
    {
        var (inside, own) = (cellAddsBias(op), given.RecurrentBias);
        var fromInput = given.FromInput(inside ? given.InputBias : given.WholeBias);
        var functions = RecurrentActivations.Of(op, given.Directions, activations, given.X);
        var passes = new RecurrentPass[given.Directions];
        for (var direction = 0; direction < passes.Length; direction++)
        {
            var weights = new RecurrentWeights(given.Of(given.R, direction), inside && own is not null ? given.Of(own, direction) : null,
                given.Peepholes is { } peepholes ? given.Of(peepholes, direction) : null, functions[direction]);
            passes[direction] = RecurrentPass.Run(makeCell(op, weights), fromInput[direction], given.First(direction), given.Inside, isReversed: direction == 1 || op.Direction == "reverse");
        }
        return given.Join(passes);
    }
}

/// <summary>A layer run over a sequence in one direction: the state after each step, in the order of the sequence, and the last of all.</summary>
internal sealed record RecurrentPass(Tensor[] Hidden, RecurrentState Last)
{
    /// <summary>Runs a cell over all steps. A sequence without any leaves zeros.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="x">What the input gives the gates at each step: [B,gates·hidden].</param>
    /// <param name="first">The state before the first step.</param>
    /// <param name="inside">For each step which sequences it lies inside, [B,1], or null where it is inside all.</param>
    /// <param name="isReversed">Whether the last step comes first. A sequence that is shorter than others then begins at its own end.</param>
    public static RecurrentPass Run(RecurrentCell cell, Tensor[] x, RecurrentState first, Tensor?[] inside, bool isReversed)
    {
        var (hidden, state) = (new Tensor[x.Length], first);
        var zero = first.Hidden.Detach().ZerosLike();
        for (var i = 0; i < x.Length; i++)
        {
            var step = isReversed ? x.Length - 1 - i : i;
            var next = cell.Step(x[step], state);
            (hidden[step], state) = inside[step] is { } mask
                ? (Tensor.Where(mask, next.Hidden, zero), Hold(mask, next, state))
                : (next.Hidden, next);
        }
        return new(hidden, inside[0] is { } started ? Hold(started, state, new(zero, zero)) : state);
    }

    /// <summary>Beyond its end a sequence keeps its state.</summary>
    private static RecurrentState Hold(Tensor mask, RecurrentState next, RecurrentState last) =>
        new(Tensor.Where(mask, next.Hidden, last.Hidden), next.Cell is null ? null : Tensor.Where(mask, next.Cell, last.Cell!));
}
