namespace Anneal.Onnx.Ops;

/// <summary>The family of activations with attributes or parameters; the others are lines in <see cref="Elementwise"/>.</summary>
internal static class Activations
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Celu(), [12, 28], 1, 1),
        new(new Elu(), [1, 6, 22], 1, 1),
        new(new Gelu(), [20], 1, 1),
        new(new HardSigmoid(), [1, 6, 22], 1, 1),
        new(new LeakyRelu(), [1, 6, 16], 1, 1),
        new(new PRelu(), [1, 6, 7, 9, 16], 2, 2),
        new(new Selu(), [1, 6, 22], 1, 1),
        new(new Shrink(), [9], 1, 1),
        new(new SwiGLU(), [28], 2, 2),
        new(new Swish(), [24], 1, 1),
        new(new ThresholdedRelu(), [10, 22], 1, 1),
    ];
}

/// <summary>An operator whose output has the type and shape of its first input.</summary>
public abstract record Activation : Op
{
    private protected Activation() { }

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), facts.Shape(0));

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>max(0, x) + min(0, α (exp(x / α) - 1)) (ONNX operator <c>Celu</c>).</summary>
public sealed record Celu : Activation
{
    /// <summary>α: minus the limit far below zero.</summary>
    public float Alpha { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Alpha = attributes.Float("alpha", Alpha, 1) };
}

/// <summary>x above zero, α (exp(x) - 1) below (ONNX operator <c>Elu</c>).</summary>
public sealed record Elu : Activation
{
    /// <summary>α: minus the limit far below zero.</summary>
    public float Alpha { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Alpha = attributes.Float("alpha", Alpha, 1) };
}

/// <summary>x Φ(x), Φ being the normal distribution (ONNX operator <c>Gelu</c>).</summary>
public sealed record Gelu : Activation
{
    /// <summary><c>none</c>: Φ by erf; <c>tanh</c>: Φ approximated by tanh.</summary>
    public string Approximate { get; init; } = "none";

    private protected override Op Through(AttributeVisitor attributes) => this with { Approximate = attributes.Text("approximate", Approximate, "none") };

    internal override void Infer(Inference facts)
    {
        if (Approximate is not ("none" or "tanh"))
            throw facts.Refuse($"approximate '{Approximate}' is neither none nor tanh");
        base.Infer(facts);
    }
}

/// <summary>α x + β held between 0 and 1 (ONNX operator <c>HardSigmoid</c>).</summary>
public sealed record HardSigmoid : Activation
{
    /// <summary>α: the slope.</summary>
    public float Alpha { get; init; } = 0.2f;

    /// <summary>β: the value at 0.</summary>
    public float Beta { get; init; } = 0.5f;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Alpha = attributes.Float("alpha", Alpha, 0.2f),
        Beta = attributes.Float("beta", Beta, 0.5f),
    };
}

/// <summary>x above zero, α x below (ONNX operator <c>LeakyRelu</c>).</summary>
public sealed record LeakyRelu : Activation
{
    /// <summary>α: the slope below zero.</summary>
    public float Alpha { get; init; } = 0.01f;

    private protected override Op Through(AttributeVisitor attributes) => this with { Alpha = attributes.Float("alpha", Alpha, 0.01f) };
}

/// <summary>x above zero, slope · x below; the slope is stretched to the shape of x (ONNX operator <c>PRelu</c>).</summary>
public sealed record PRelu : Op
{
    internal override void Infer(Inference facts)
    {
        facts.RequireStretchable(1, facts.Shape(0), "the slope");
        facts.Output(0, facts.SameType(0, 1), facts.Shape(0));
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(2);
}

/// <summary>γ x above zero, γ α (exp(x) - 1) below (ONNX operator <c>Selu</c>).</summary>
public sealed record Selu : Activation
{
    private const float DefaultAlpha = 1.67326319217681884765625f;
    private const float DefaultGamma = 1.05070102214813232421875f;

    /// <summary>α: 1.6732632 unless given.</summary>
    public float Alpha { get; init; } = DefaultAlpha;

    /// <summary>γ: 1.0507010 unless given.</summary>
    public float Gamma { get; init; } = DefaultGamma;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Alpha = attributes.Float("alpha", Alpha, DefaultAlpha),
        Gamma = attributes.Float("gamma", Gamma, DefaultGamma),
    };
}

/// <summary>x + bias below -λ, x - bias above λ, 0 between (ONNX operator <c>Shrink</c>).</summary>
public sealed record Shrink : Activation
{
    /// <summary>What is taken off outside.</summary>
    public float Bias { get; init; }

    /// <summary>λ: half the width of the part that becomes 0.</summary>
    public float Lambd { get; init; } = 0.5f;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Bias = attributes.Float("bias", Bias, 0),
        Lambd = attributes.Float("lambd", Lambd, 0.5f),
    };
}

/// <summary>a sigmoid(α a) b; a and b have one shape (ONNX operator <c>SwiGLU</c>).</summary>
public sealed record SwiGLU : Activation
{
    /// <summary>α: how steep the sigmoid is.</summary>
    public float Alpha { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Alpha = attributes.Float("alpha", Alpha, 1) };

    internal override void Infer(Inference facts)
    {
        var (a, b) = (facts.Shape(0), facts.Shape(1));
        if (a is not null && b is not null && a.Rank != b.Rank)
            throw facts.Refuse("the gate and the other input should have one shape");
        facts.Output(0, facts.SameType(0, 1), a is null || b is null ? a ?? b : new([.. a.Zip(b, (x, y) => facts.Same(x, y, "the shapes of the gate and the other input"))]));
    }
}

/// <summary>x sigmoid(α x) (ONNX operator <c>Swish</c>).</summary>
public sealed record Swish : Activation
{
    /// <summary>α: how steep the sigmoid is.</summary>
    public float Alpha { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Alpha = attributes.Float("alpha", Alpha, 1) };
}

/// <summary>x above α, 0 elsewhere (ONNX operator <c>ThresholdedRelu</c>).</summary>
public sealed record ThresholdedRelu : Activation
{
    /// <summary>α: the threshold.</summary>
    public float Alpha { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Alpha = attributes.Float("alpha", Alpha, 1) };
}
