using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>
/// Losses, as PyTorch has them. Unless stated otherwise, both tensors have one shape, and the loss is a mean over all elements; <see cref="Reduction"/>
/// says what else it can be.
/// </summary>
public static class Loss
{
    /// <summary>
    /// Minus the logarithm of the softmax at each label, weighted by class: logits [N,C,d…]. Labels are class numbers, int64 [N,d…], or shares of each
    /// class, floating-point [N,C,d…], as mixup makes them.
    /// </summary>
    /// <param name="logits">The scores.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="labelSmoothing">The share of each label that is spread over all classes evenly, 0 to 1 (Szegedy et al. 2016).</param>
    /// <param name="weights">A weight for each class [C]; null for 1. The mean over class numbers is weighted too.</param>
    /// <param name="ignoreIndex">A class number that counts for nothing.</param>
    /// <param name="reduction">What the losses of all labels become.</param>
    /// <exception cref="ShapeMismatchException">Logits, labels and weights do not go together.</exception>
    /// <exception cref="AnnealException">A label is no class.</exception>
    public static Tensor CrossEntropy(
        Tensor logits, Tensor labels, double labelSmoothing = 0, Tensor? weights = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        _ = Expect.Share(labelSmoothing, nameof(labelSmoothing));
        return labels.DType.IsFloat()
            ? ClassLosses.OfShares(logits, labels, labelSmoothing, weights, reduction)
            : ClassLosses.OfNumbers(nameof(CrossEntropy), ClassLosses.Logs(logits), labels, labelSmoothing, new(weights, ignoreIndex, reduction));
    }

    /// <summary>Minus the logarithm of a probability at each label, weighted by class: logarithms [N,C,d…], labels int64 [N,d…].</summary>
    /// <inheritdoc cref="CrossEntropy"/>
    public static Tensor NegativeLogLikelihood(Tensor logs, Tensor labels, Tensor? weights = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentNullException.ThrowIfNull(labels);
        return ClassLosses.OfNumbers(nameof(NegativeLogLikelihood), logs, labels, 0, new(weights, ignoreIndex, reduction));
    }

    /// <summary>(x - target)².</summary>
    public static Tensor Mse(Tensor x, Tensor target, Reduction reduction = Reduction.Mean)
    {
        var d = Difference(nameof(Mse), x, target);
        return Reduce(d * d, reduction);
    }

    /// <summary>|x - target|.</summary>
    public static Tensor L1(Tensor x, Tensor target, Reduction reduction = Reduction.Mean) => Reduce(Difference(nameof(L1), x, target).Abs(), reduction);

    /// <summary>|d| - beta / 2 for differences d from beta on, d² / (2 beta) below (Girshick 2015, "Fast R-CNN").</summary>
    /// <param name="x">What was computed.</param>
    /// <param name="target">What was wanted.</param>
    /// <param name="beta">Where the square ends, at least 0; 0 makes it <see cref="L1"/>.</param>
    /// <param name="reduction">What the losses of all elements become.</param>
    public static Tensor SmoothL1(Tensor x, Tensor target, double beta = 1, Reduction reduction = Reduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta);
        return beta == 0 ? L1(x, target, reduction) : Reduce(Rounded(Difference(nameof(SmoothL1), x, target), beta) / beta, reduction);
    }

    /// <summary>delta (|d| - delta / 2) for differences d from delta on, d² / 2 below (Huber 1964).</summary>
    /// <param name="x">What was computed.</param>
    /// <param name="target">What was wanted.</param>
    /// <param name="delta">Where the square ends, above 0.</param>
    /// <param name="reduction">What the losses of all elements become.</param>
    public static Tensor Huber(Tensor x, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        return Reduce(Rounded(Difference(nameof(Huber), x, target), delta), reduction);
    }

    /// <summary>
    /// -(target log s + (1 - target) log(1 - s)) with s = sigmoid(logit), computed from the logit so that nothing overflows and no logarithm of 0 is
    /// taken: several classes that do not exclude one another.
    /// </summary>
    /// <param name="logits">The scores.</param>
    /// <param name="target">Probabilities, 0 to 1.</param>
    /// <param name="weight">A factor for each element, broadcast to the logits; null for 1.</param>
    /// <param name="posWeight">A factor for the part of what should be 1, broadcast to the logits; null for 1.</param>
    /// <param name="reduction">What the losses of all elements become.</param>
    public static Tensor BinaryCrossEntropyWithLogits(
        Tensor logits, Tensor target, Tensor? weight = null, Tensor? posWeight = null, Reduction reduction = Reduction.Mean)
    {
        RequireSame(nameof(BinaryCrossEntropyWithLogits), logits, target);
        // -log(s) = log(1 + e⁻ˣ), and -log(1 - s) is that plus x.
        var softplus = Tensor.Apply(new Elementwise("Softplus"), -logits);
        var share = posWeight is null ? softplus : softplus * ((target * (posWeight - 1)) + 1);
        var each = ((1 - target) * logits) + share;
        return Reduce(weight is null ? each : each * weight, reduction);
    }

    /// <summary>
    /// The divergence of Kullback and Leibler, target (log target - logs); 0 where the target is 0. The mean over elements is not the divergence of
    /// distributions; <see cref="Reduction.BatchMean"/> is.
    /// </summary>
    /// <param name="logs">Logarithms of probabilities.</param>
    /// <param name="target">Probabilities, or their logarithms.</param>
    /// <param name="logTarget">Whether the target is logarithms.</param>
    /// <param name="reduction">What the losses of all elements become.</param>
    public static Tensor KlDivergence(Tensor logs, Tensor target, bool logTarget = false, Reduction reduction = Reduction.Mean)
    {
        RequireSame(nameof(KlDivergence), logs, target);
        if (logTarget)
            return Reduce(target.Exp() * (target - logs), reduction);
        var isZero = target.Detach().Equal(0);
        return Reduce(target * (Tensor.Where(isZero, Tensor.Full(TensorShape.Scalar, 1, target.DType, target.Device), target).Log() - logs), reduction);
    }

    /// <summary>What the losses of all elements become.</summary>
    internal static Tensor Reduce(Tensor each, Reduction reduction) => reduction switch
    {
        Reduction.Mean => each.Mean(),
        Reduction.Sum => each.Sum(),
        Reduction.None => each,
        Reduction.BatchMean => each.Sum() / each.Shape[0],
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "This is no reduction."),
    };

    /// <summary>d² / 2 below an edge, and from there on the straight line that goes on from it.</summary>
    private static Tensor Rounded(Tensor d, double edge)
    {
        var size = d.Abs();
        return Tensor.Where(size.Detach() < edge, d * d * 0.5, (size - (edge / 2)) * edge);
    }

    private static Tensor Difference(string name, Tensor x, Tensor target)
    {
        RequireSame(name, x, target);
        return x - target;
    }

    private static void RequireSame(string name, Tensor x, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(target);
        if (x.Shape != target.Shape || x.DType != target.DType)
            throw new ShapeMismatchException($"{name} compares tensors of one type and shape; {x.DType} {x.Shape} and {target.DType} {target.Shape} were given.");
    }
}

/// <summary>What the losses of all elements become.</summary>
public enum Reduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>They stay as they are.</summary>
    None,

    /// <summary>Their sum by the extent of the first axis.</summary>
    BatchMean,
}
