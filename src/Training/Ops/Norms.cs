using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>Normalisations, written as their formulas.</summary>
internal static class Norms
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composites<BatchNormalization>("BatchNormalization", BatchNormalization),
        new Composite<InstanceNormalization>("InstanceNormalization", (op, x) =>
            ByChannel(Standardised(x[0]!, op.Epsilon, SpaceAxes(x[0]!)).Y, x[1]!, x[2]!)),
        new Composite<GroupNormalization>("GroupNormalization", (op, x) =>
        {
            var groups = x[0]!.Reshape(x[0]!.Shape[0], (int)op.NumGroups, -1);
            return ByChannel(Standardised(groups, op.Epsilon, 2).Y.Reshape(x[0]!.Shape.Extents), x[1]!, x[2]!);
        }),
        new Composites<LayerNormalization>("LayerNormalization", (op, x, outputs) =>
        {
            var (y, mean, rate) = Standardised(x[0]!, op.Epsilon, From(op.Axis, x[0]!));
            y *= x[1]!;
            if (x.Length > 2 && x[2] is { } bias)
                y += bias;
            return outputs > 1 ? [y, mean, rate] : [y];
        }),
        new Composite<RMSNormalization>("RMSNormalization", (op, x) =>
            x[0]! / ((x[0]! * x[0]!).MeanKeep(From(op.Axis, x[0]!)) + op.Epsilon).Sqrt() * x[1]!),
        new Composite<MeanVarianceNormalization>("MeanVarianceNormalization", (op, x) =>
        {
            // ε stands beside the deviation, not under the root (ONNX operator MeanVarianceNormalization).
            int[] axes = op.Axes is null ? [0, 2, 3] : [.. op.Axes.Select(axis => (int)axis)];
            var d = x[0]! - x[0]!.MeanKeep(axes);
            return d / ((d * d).MeanKeep(axes).Sqrt() + 1e-9);
        }),
        new Composite<LpNormalization>("LpNormalization", (op, x) =>
        {
            var norm = op.P == 1 ? x[0]!.Abs().SumKeep((int)op.Axis) : (x[0]! * x[0]!).SumKeep((int)op.Axis).Sqrt();
            // A row of zeros stays one.
            return x[0]! / Tensor.Where(norm.Detach().Equal(0), norm.Detach() + 1, norm);
        }),
        new Composite<LRN>("LRN", (op, x) => x[0]! / (op.Bias + (Neighbours(x[0]! * x[0]!, (int)op.Size) * (op.Alpha / op.Size))).Pow(op.Beta)),
    ];

    /// <summary>
    /// By the batch's own mean and variance in training mode, and then the running ones move towards them; by the running ones otherwise. The
    /// variance is that of the population (ONNX operator <c>BatchNormalization</c>).
    /// </summary>
    private static Tensor[] BatchNormalization(BatchNormalization op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        var (x, scale, bias, mean, variance) = (inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, inputs[4]!);
        if (!op.TrainingMode)
        {
            var rate = scale / (variance + op.Epsilon).Sqrt();
            return [ByChannel(x, rate, bias - (mean * rate))];
        }
        var batch = Tensor.ApplyAll(new BatchNorm(op.Epsilon), 3, x, scale, bias);
        return outputs == 1 ? batch[..1] : [batch[0], Moved(mean, batch[1], op.Momentum), Moved(variance, batch[2], op.Momentum)];
    }

    private static Tensor Moved(Tensor running, Tensor batch, float momentum) =>
        (running * momentum) + (batch * (1 - (double)momentum));

    /// <summary>x brought to mean 0 and variance 1 over some axes; with the mean, and 1 / √(variance + ε).</summary>
    private static (Tensor Y, Tensor Mean, Tensor Rate) Standardised(Tensor x, float epsilon, params ReadOnlySpan<int> axes)
    {
        var mean = x.MeanKeep(axes);
        var d = x - mean;
        var rate = ((d * d).MeanKeep(axes) + epsilon).Sqrt().Reciprocal();
        return (d * rate, mean, rate);
    }

    private static Tensor ByChannel(Tensor x, Tensor scale, Tensor bias)
    {
        int[] channels = [1, -1, .. Enumerable.Repeat(1, Math.Max(0, x.Rank - 2))];
        return (x * scale.Reshape(channels)) + bias.Reshape(channels);
    }

    private static int[] SpaceAxes(Tensor x) => [.. Enumerable.Range(2, Math.Max(0, x.Rank - 2))];

    private static int[] From(long axis, Tensor x)
    {
        var first = Axes.Count(axis, x.Rank);
        return [.. Enumerable.Range(first, x.Rank - first)];
    }

    /// <summary>The sum over the channels from (size - 1) / 2 below to the rest above, as a pooling over an axis of channels.</summary>
    private static Tensor Neighbours(Tensor x, int size)
    {
        var planes = x.Reshape(x.Shape[0], 1, x.Shape[1], -1);
        var (below, above) = ((size - 1) / 2, size - 1 - ((size - 1) / 2));
        var window = new Window { KernelShape = [size, 1], Pads = [below, 0, above, 0] };
        return Tensor.Apply(new SumPool(window, false, Divisor.None), planes).Reshape(x.Shape.Extents);
    }
}
