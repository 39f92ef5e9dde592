namespace Anneal.Onnx.Ops;

/// <summary>The family of losses.</summary>
internal static class Losses
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new NegativeLogLikelihoodLoss(), [12, 13, 22], 2, 3),
        new(new SoftmaxCrossEntropyLoss(), [12, 13], 2, 3, 2),
    ];
}

/// <summary>A loss of scores [N,C,d…] for labels [N,d…], each class weighted by weights [C] when they are given.</summary>
public abstract record ClassLoss : Op
{
    private protected ClassLoss() { }

    /// <summary>A label that counts for nothing; null for none.</summary>
    public long? IgnoreIndex { get; init; }

    /// <summary><c>none</c>: a loss for each label; <c>sum</c> or <c>mean</c> of all, the mean weighted.</summary>
    public string Reduction { get; init; } = "mean";

    private protected sealed override Op Through(AttributeVisitor attributes) => this with
    {
        IgnoreIndex = attributes.OptionalInt("ignore_index", IgnoreIndex),
        Reduction = attributes.Text("reduction", Reduction, "mean"),
    };

    internal override void Infer(Inference facts)
    {
        if (Reduction is not ("none" or "sum" or "mean"))
            throw facts.Refuse($"reduction '{Reduction}' is none of none, sum, mean");
        var (scores, labels) = (facts.Shape(0), facts.Shape(1));
        if (scores is { Rank: < 2 } || (scores is not null && labels is not null && labels.Rank != scores.Rank - 1))
            throw facts.Refuse("scores [N,C,d…] and labels [N,d…] are needed");
        if (scores is not null)
            facts.RequireChannels(2, scores[1], "weights");
        var each = Each(facts, scores, labels);
        facts.Output(0, facts.SameType([.. facts.Has(2) ? [0, 2] : new[] { 0 }]), Reduction == "none" ? each : Shape.Scalar);
    }

    private static Shape? Each(Inference facts, Shape? scores, Shape? labels)
    {
        if (scores is null)
            return labels;
        var places = scores.Where((_, axis) => axis != 1).ToArray();
        return labels is null ? new(places) : new([.. places.Zip(labels, (a, b) => facts.Same(a, b, "scores and labels"))]);
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachInput(1);
}

/// <summary>Minus the logarithm that stands at each label (ONNX operator <c>NegativeLogLikelihoodLoss</c>).</summary>
public sealed record NegativeLogLikelihoodLoss : ClassLoss;

/// <summary>
/// Minus the logarithm of the softmax at each label; a second output gives all those logarithms (ONNX operator <c>SoftmaxCrossEntropyLoss</c>).
/// </summary>
public sealed record SoftmaxCrossEntropyLoss : ClassLoss
{
    internal override void Infer(Inference facts)
    {
        base.Infer(facts);
        facts.Output(1, facts.DType(0), facts.Shape(0));
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachInput(operations: 5) + base.Count(facts);
}
