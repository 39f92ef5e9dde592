namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that turn scores along one axis into shares.</summary>
internal static class SoftmaxFamily
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Hardmax(), [1, 11, 13], 1, 1),
        new(new LogSoftmax(), [1, 11, 13], 1, 1),
        new(new Softmax(), [1, 11, 13], 1, 1),
    ];
}

/// <summary>An operator that works along one axis and keeps the shape.</summary>
public abstract record AxisActivation : Activation
{
    private protected AxisActivation() { }

    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; } = -1;

    private protected sealed override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.Int("axis", Axis, -1) };

    internal sealed override void Infer(Inference facts)
    {
        if (facts.Rank(0) is { } rank)
            facts.Axis(Axis, rank);
        base.Infer(facts);
    }

    /// <summary>The greatest, the difference to it, exp, their sum, the share.</summary>
    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(5);
}

/// <summary>1 at the first greatest element along the axis, 0 elsewhere (ONNX operator <c>Hardmax</c>).</summary>
public sealed record Hardmax : AxisActivation
{
    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>The logarithm of <see cref="Softmax"/> (ONNX operator <c>LogSoftmax</c>).</summary>
public sealed record LogSoftmax : AxisActivation;

/// <summary>exp(x) divided by its sum along the axis (ONNX operator <c>Softmax</c>).</summary>
public sealed record Softmax : AxisActivation;
