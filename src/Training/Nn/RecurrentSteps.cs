namespace Anneal.Training.Nn;

/// <summary>
/// The formulas of one recurrent step, from the gates' products with input and state [N,gates·H]. Gates stand in PyTorch's order: reset, update, new
/// for a GRU; input, forget, cell, output for an LSTM.
/// </summary>
internal static class RecurrentSteps
{
    public static Tensor Rnn(Tensor input, Tensor state, Nonlinearity nonlinearity) =>
        nonlinearity == Nonlinearity.Relu ? (input + state).Relu() : (input + state).Tanh();

    public static Tensor Gru(Tensor input, Tensor state, Tensor h)
    {
        var (reset, update) = ((Gate(input, 0, 3) + Gate(state, 0, 3)).Sigmoid(), (Gate(input, 1, 3) + Gate(state, 1, 3)).Sigmoid());
        var fresh = (Gate(input, 2, 3) + (reset * Gate(state, 2, 3))).Tanh();
        return fresh + (update * (h - fresh));
    }

    public static LstmState Lstm(Tensor input, Tensor state, Tensor c)
    {
        var gates = input + state;
        var cell = (Gate(gates, 1, 4).Sigmoid() * c) + (Gate(gates, 0, 4).Sigmoid() * Gate(gates, 2, 4).Tanh());
        return new(Gate(gates, 3, 4).Sigmoid() * cell.Tanh(), cell);
    }

    /// <summary>Refuses what no plain recurrent layer has.</summary>
    public static Nonlinearity Checked(Nonlinearity nonlinearity) => nonlinearity is Nonlinearity.Tanh or Nonlinearity.Relu
        ? nonlinearity
        : throw new ArgumentOutOfRangeException(nameof(nonlinearity), nonlinearity, "A plain recurrent layer has tanh or relu.");

    private static Tensor Gate(Tensor gates, int index, int count)
    {
        var h = gates.Shape[1] / count;
        return gates.Slice(1, index * h, (index + 1) * h);
    }
}
