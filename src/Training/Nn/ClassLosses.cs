using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>Losses of classes: by their numbers, or by shares of each class.</summary>
internal static class ClassLosses
{
    /// <summary>How classes count.</summary>
    public readonly record struct Weighing(Tensor? Weights, long IgnoreIndex, Reduction Reduction);

    public static Tensor Logs(Tensor logits)
    {
        if (logits.Rank < 2)
            throw new ShapeMismatchException($"CrossEntropy takes logits [N,C,d…]; {logits.Shape} was given.");
        return Tensor.Apply(new Onnx.Ops.LogSoftmax { Axis = 1 }, logits);
    }

    /// <summary>Minus what stands at each label; smoothed, partly minus what stands at all classes in the mean.</summary>
    public static Tensor OfNumbers(string name, Tensor logs, Tensor labels, double smoothing, Weighing of)
    {
        RequireLabels(name, logs, labels, of);
        var at = Tensor.Apply(new NegativeLogLikelihoodLoss { IgnoreIndex = of.IgnoreIndex, Reduction = NameOf(of.Reduction) }, logs, labels, of.Weights);
        at = of.Reduction == Reduction.BatchMean ? at / logs.Shape[0] : at;
        return smoothing == 0 ? at : (at * (1 - smoothing)) + (Spread(logs, labels, of) * (smoothing / logs.Shape[1]));
    }

    /// <summary>Shares count for every class; the mean is over samples, whatever the weights.</summary>
    public static Tensor OfShares(Tensor logits, Tensor shares, double smoothing, Tensor? weights, Reduction reduction)
    {
        if (shares.Shape != logits.Shape || shares.DType != logits.DType)
            throw new ShapeMismatchException($"CrossEntropy takes shares of each class shaped as the logits; {shares.DType} {shares.Shape} and {logits.DType} {logits.Shape} were given.");
        RequireWeights(nameof(Loss.CrossEntropy), logits, weights);
        var smooth = smoothing == 0 ? shares : (shares * (1 - smoothing)) + (smoothing / logits.Shape[1]);
        var weighted = weights is null ? smooth : smooth * ByClass(weights, logits.Rank);
        return Loss.Reduce(-(Logs(logits) * weighted).Sum(1), reduction);
    }

    /// <summary>Minus the sum over all classes for each label that counts, reduced as the rest of the loss is.</summary>
    private static Tensor Spread(Tensor logs, Tensor labels, Weighing of)
    {
        var all = -(of.Weights is null ? logs : logs * ByClass(of.Weights, logs.Rank)).Sum(1);
        var isIgnored = labels.To(DType.Int64).Equal(of.IgnoreIndex);
        var each = Tensor.Where(isIgnored, Tensor.Full(TensorShape.Scalar, 0, logs.DType, logs.Device), all);
        return of.Reduction == Reduction.Mean ? each.Sum() / Counted(logs, labels, isIgnored, of.Weights) : Loss.Reduce(each, of.Reduction);
    }

    /// <summary>The sum of the weights of all labels that count.</summary>
    private static Tensor Counted(Tensor logs, Tensor labels, Tensor isIgnored, Tensor? weights)
    {
        var counts = (!isIgnored).To(logs.DType);
        if (weights is null)
            return counts.Sum();
        var classes = Tensor.Where(isIgnored, Tensor.Full(TensorShape.Scalar, 0, DType.Int64, labels.Device), labels.To(DType.Int64));
        return (Tensor.Apply(new Gather(), weights, classes) * counts).Sum();
    }

    private static Tensor ByClass(Tensor weights, int rank) => weights.Reshape([1, weights.Count, .. Enumerable.Repeat(1, rank - 2)]);

    private static string NameOf(Reduction reduction) => reduction switch
    {
        Reduction.Mean => "mean",
        Reduction.Sum or Reduction.BatchMean => "sum",
        Reduction.None => "none",
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "This is no reduction."),
    };

    private static void RequireLabels(string name, Tensor logs, Tensor labels, Weighing of)
    {
        if (logs.Rank < 2 || !labels.DType.IsInteger() || labels.Shape != TensorShape.Of([logs.Shape[0], .. logs.Shape.Extents[2..]]))
            throw new ShapeMismatchException($"{name} takes scores [N,C,d…] and integer labels [N,d…]; {logs.Shape} and {labels.DType} {labels.Shape} were given.");
        RequireWeights(name, logs, of.Weights);
        foreach (var label in labels.ToInt64s())
            if (label != of.IgnoreIndex && (label < 0 || label >= logs.Shape[1]))
                throw new AnnealException($"{name}: the label {label} is none of the {logs.Shape[1]} classes, 0 to {logs.Shape[1] - 1}.");
    }

    private static void RequireWeights(string name, Tensor logs, Tensor? weights)
    {
        if (weights is not null && (weights.Shape != TensorShape.Of([logs.Shape[1]]) || weights.DType != logs.DType))
            throw new ShapeMismatchException($"{name} takes a weight for each of the {logs.Shape[1]} classes, {logs.DType} [{logs.Shape[1]}]; {weights.DType} {weights.Shape} was given.");
    }
}
