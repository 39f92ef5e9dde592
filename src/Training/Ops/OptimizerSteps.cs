using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Steps of optimisers inside a graph. Inputs: learning rate, count of updates, tensors, gradients, states; outputs: new tensors, new states.</summary>
internal static class OptimizerSteps
{
    private delegate Tensor[] Step(Tensor x, Tensor dx, Tensor[] states);

    public static IEnumerable<Kernel> Kernels =>
    [
        new Composites<Adagrad>("Adagrad", Adagrad, TrainingSteps.Domain) { IsChecked = true, Steering = [0, 1] },
        new Composites<Adam>("Adam", Adam, TrainingSteps.Domain) { IsChecked = true, Steering = [0, 1] },
        new Composites<Momentum>("Momentum", Momentum, TrainingSteps.Domain) { IsChecked = true, Steering = [0, 1] },
    ];

    private static Tensor[] Adagrad(Adagrad op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        var rate = inputs[0]!.Item() / (1 + (inputs[1]!.Item() * op.DecayFactor));
        return ForEach(inputs, 1, (x, dx, states) =>
        {
            var g = dx + (x * op.NormCoefficient);
            var sum = states[0] + (g * g);
            return [x - (g * rate / (sum.Sqrt() + op.Epsilon)), sum];
        });
    }

    private static Tensor[] Adam(Adam op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        var (rate, updates) = (inputs[0]!.Item(), inputs[1]!.Item());
        if (updates > 0)
            rate *= Math.Sqrt(1 - Math.Pow(op.Beta, updates)) / (1 - Math.Pow(op.Alpha, updates));
        return ForEach(inputs, 2, (x, dx, states) =>
        {
            var g = dx + (x * op.NormCoefficient);
            var mean = (states[0] * op.Alpha) + (g * (1 - (double)op.Alpha));
            var square = (states[1] * op.Beta) + (g * g * (1 - (double)op.Beta));
            return [(x - (mean / (square.Sqrt() + op.Epsilon) * rate)) * (1 - (double)op.NormCoefficientPost), mean, square];
        });
    }

    private static Tensor[] Momentum(Momentum op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        // The first gradient counts in full.
        var (rate, share) = (inputs[0]!.Item(), inputs[1]!.Item() > 0 ? op.Beta : 1);
        return ForEach(inputs, 1, (x, dx, states) =>
        {
            var g = dx + (x * op.NormCoefficient);
            var momentum = (states[0] * op.Alpha) + (g * share);
            return [x - ((op.Mode == "nesterov" ? g + (momentum * op.Alpha) : momentum) * rate), momentum];
        });
    }

    /// <summary>A step for each tensor; all new tensors come first, then all states of one kind after the other.</summary>
    private static Tensor[] ForEach(ReadOnlySpan<Tensor?> inputs, int states, Step step)
    {
        var count = (inputs.Length - 2) / (states + 2);
        var outputs = new Tensor[count * (states + 1)];
        for (var i = 0; i < count; i++)
        {
            var own = new Tensor[states];
            for (var state = 0; state < states; state++)
                own[state] = inputs[2 + ((2 + state) * count) + i]!;
            var results = step(inputs[2 + i]!, inputs[2 + count + i]!, own);
            for (var result = 0; result < results.Length; result++)
                outputs[(result * count) + i] = results[result];
        }
        return outputs;
    }
}
