using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Softmax and what is like it, and the losses on classes that are made of them.</summary>
internal static class Softmaxes
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<Softmax>("Softmax", (op, x) =>
        {
            var e = FromLargest(x[0]!, (int)op.Axis).Exp();
            return e / e.SumKeep((int)op.Axis);
        }),
        new Composite<LogSoftmax>("LogSoftmax", (op, x) => LogSoftmax(x[0]!, (int)op.Axis)),
        new Composite<Hardmax>("Hardmax", (op, x) =>
        {
            var axis = Axes.Count(op.Axis, x[0]!.Rank);
            var first = Tensor.Apply(new ArgMax { Axis = axis, Keepdims = true }, x[0]!.Detach());
            return first.Equal(Along(x[0]!, axis)).To(x[0]!.DType);
        }),
        new Composites<SoftmaxCrossEntropyLoss>("SoftmaxCrossEntropyLoss", (op, x, outputs) =>
        {
            var logs = LogSoftmax(x[0]!, 1);
            var loss = AtLabels(op, logs, x[1]!, x.Length > 2 ? x[2] : null);
            return outputs > 1 ? [loss, logs] : [loss];
        }),
        new Composite<NegativeLogLikelihoodLoss>("NegativeLogLikelihoodLoss", (op, x) => AtLabels(op, x[0]!, x[1]!, x.Length > 2 ? x[2] : null)),
    ];

    private static Tensor LogSoftmax(Tensor x, int axis)
    {
        var d = FromLargest(x, axis);
        return d - d.Exp().SumKeep(axis).Log();
    }

    /// <summary>Softmax does not change when all scores move by one number; moved by the largest, no exponential overflows.</summary>
    private static Tensor FromLargest(Tensor x, int axis) => x - x.Detach().LargestKeep(axis);

    /// <summary>Minus what stands at each label, weighted by class. A label that counts for nothing has the weight 0.</summary>
    private static Tensor AtLabels(ClassLoss op, Tensor logs, Tensor labels, Tensor? weights)
    {
        var marks = labels.To(DType.Int64).Unsqueeze(1).Equal(Along(logs, 1));
        if (op.IgnoreIndex is { } ignored)
            marks &= !labels.To(DType.Int64).Unsqueeze(1).Equal(ignored);
        var zero = Tensor.Full(TensorShape.Scalar, 0, logs.DType, logs.Device);
        var weight = weights is null ? zero + 1 : weights.Reshape([1, weights.Count, .. Enumerable.Repeat(1, logs.Rank - 2)]);
        var each = Tensor.Where(marks, -logs * weight, zero).Sum(1);
        return op.Reduction switch
        {
            "none" => each,
            "sum" => each.Sum(),
            _ => each.Sum() / Tensor.Where(marks, weight, zero).Sum(),
        };
    }

    /// <summary>0, 1, 2 … along an axis, to be compared with indices.</summary>
    private static Tensor Along(Tensor x, int axis)
    {
        var numbers = new long[x.Shape[axis]];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = i;
        Span<int> extents = stackalloc int[x.Rank];
        extents.Fill(1);
        extents[axis] = numbers.Length;
        return Tensor.From(numbers, TensorShape.Of(extents), x.Device);
    }
}
