using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>Recurrent layers: sequences of 4 steps, 3 in a batch, of 5 numbers each, with 6 of state.</summary>
public static partial class OpCases
{
    private const int Steps = 4, Batch = 3, Width = 5, Hidden = 6;

    private static IEnumerable<OpCase> Recurrents() =>
    [
        .. RecurrentActivationRows(),
        .. Directions("RNN", 1, 2, direction => new RNN { Direction = direction, HiddenSize = Hidden }),
        .. Directions("GRU", 3, 2, direction => new GRU { Direction = direction, HiddenSize = Hidden }),
        .. Directions("GRU linear before reset", 3, 2, direction => new GRU { Direction = direction, HiddenSize = Hidden, LinearBeforeReset = true }),
        .. Directions("LSTM", 4, 3, direction => new LSTM { Direction = direction, HiddenSize = Hidden }),
        Recurrent("LSTM with peepholes", new LSTM { HiddenSize = Hidden, Direction = "bidirectional" }, 2, 4, None, States(2), States(2), Real([2, 3 * Hidden], -1, 1)),
        Recurrent("LSTM with a sequence of no steps", new LSTM { HiddenSize = Hidden }, 1, 4, Given([2, 0, 4], 3), States(1), States(1)),
        Recurrent("GRU with a sequence of no steps", new GRU { HiddenSize = Hidden }, 1, 3, Given([2, 0, 4], 3), States(1)),
        Recurrent("RNN with a sequence of no steps", new RNN { HiddenSize = Hidden }, 1, 1, Given([2, 0, 4], 3), States(1)),
        .. BatchFirst(),
        Recurrent("LSTM with the gates coupled", new LSTM { HiddenSize = Hidden, InputForget = true }, 1, 4),
        Recurrent("LSTM held in limits", new LSTM { HiddenSize = Hidden, Clip = 0.4f }, 1, 4, None, States(1), States(1)),
        Recurrent("GRU held in limits", new GRU { HiddenSize = Hidden, Clip = 0.4f }, 1, 3),
        Recurrent("LSTM with activations for each direction",
            new LSTM { HiddenSize = Hidden, Direction = "bidirectional", Activations = ["HardSigmoid", "Softsign", "Affine", "Sigmoid", "LeakyRelu", "Tanh"], ActivationAlpha = [0.3f, 0.7f, 0.2f], ActivationBeta = [0.4f, 0.1f] }, 2, 4),
        Recurrent("GRU with activations", new GRU { HiddenSize = Hidden, Activations = ["HardSigmoid", "ScaledTanh"], ActivationAlpha = [0.25f, 1.5f], ActivationBeta = [0.45f, 0.6f] }, 1, 3),
    ];

    private static IEnumerable<OpCase> Directions(string name, int gates, int outputs, Func<string, RecurrentLayer> op)
    {
        foreach (var (direction, count) in new[] { ("forward", 1), ("reverse", 1), ("bidirectional", 2) })
        {
            yield return new($"{name} {direction} with weights alone", op(direction), Sequence(), Matrix(count, gates, Width), Matrix(count, gates, Hidden)) { Outputs = outputs, Tolerance = 1e-5 };
            Input[] states = outputs == 3 ? [States(count), States(count)] : [States(count)];
            yield return Recurrent($"{name} {direction} with lengths and first states", op(direction), count, gates, [Given([2, 4, 1], 3), .. states]);
        }
    }

    private static IEnumerable<OpCase> BatchFirst()
    {
        foreach (var (op, gates) in new (RecurrentLayer, int)[] { (new RNN { Layout = 1 }, 1), (new GRU { Layout = 1 }, 3), (new LSTM { Layout = 1 }, 4) })
        {
            Input[] states = [.. Enumerable.Repeat(Real([Batch, 2, Hidden], -1, 1), op is LSTM ? 2 : 1)];
            yield return new($"{op.Name} with the batch first", op with { Direction = "bidirectional", HiddenSize = Hidden },
                [Real([Batch, Steps, Width]), Matrix(2, gates, Width), Matrix(2, gates, Hidden), Real([2, 2 * gates * Hidden], -0.5, 0.5), Given([2, 4, 1], 3), .. states])
            { Outputs = op is LSTM ? 3 : 2, Tolerance = 1e-5, NotInRuntime = true };
        }
    }

    private static IEnumerable<OpCase> RecurrentActivationRows()
    {
        foreach (var name in new[] { "Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu", "Softsign", "Softplus" })
            yield return Recurrent($"RNN with {name}", new RNN { HiddenSize = Hidden, Activations = [name], ActivationAlpha = AlphaOf(name), ActivationBeta = BetaOf(name) }, 1, 1);
        foreach (var name in new[] { "LeakyRelu", "HardSigmoid", "Elu" })
            yield return Recurrent($"RNN with {name} as it is by default", new RNN { HiddenSize = Hidden, Activations = [name] }, 1, 1);
        yield return Recurrent("RNN held in limits", new RNN { HiddenSize = Hidden, Clip = 0.3f }, 1, 1);
    }

    private static AttributeList<float>? AlphaOf(string activation) =>
        activation is "Affine" or "LeakyRelu" or "ThresholdedRelu" or "ScaledTanh" or "HardSigmoid" or "Elu" ? [0.3f] : null;

    private static AttributeList<float>? BetaOf(string activation) => activation is "Affine" or "ScaledTanh" or "HardSigmoid" ? [0.6f] : null;

    private static OpCase Recurrent(string name, RecurrentLayer op, int directions, int gates, params Input[] rest) =>
        new(name, op, [Sequence(), Matrix(directions, gates, Width), Matrix(directions, gates, Hidden), Real([directions, 2 * gates * Hidden], -0.5, 0.5), .. rest]) { Outputs = op is LSTM ? 3 : 2, Tolerance = 1e-5 };

    private static Input Sequence() => Real([Steps, Batch, Width]);

    private static Input Matrix(int directions, int gates, int width) => Real([directions, gates * Hidden, width], -0.6, 0.6);

    private static Input States(int directions) => Real([directions, Batch, Hidden], -1, 1);
}
