namespace Anneal.Onnx.Ops;

/// <summary>
/// The family of optimisers' steps (domain <c>ai.onnx.preview.training</c>). Each takes a learning rate, a count of updates, then n tensors,
/// their n gradients and n of each of its states; it gives the n new tensors and the new states. <c>Gradient</c>, of the same domain, is
/// no operator of this table: see <see cref="UnknownOperators"/>.
/// </summary>
internal static class TrainingSteps
{
    public const string Domain = "ai.onnx.preview.training";

    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Adagrad(), [1], 3, OpEntry.Any, OpEntry.Any),
        new(new Adam(), [1], 3, OpEntry.Any, OpEntry.Any),
        new(new Momentum(), [1], 3, OpEntry.Any, OpEntry.Any),
    ];

    /// <summary>Everything that comes out is as what went in: tensors, then states.</summary>
    /// <param name="facts">Inputs and outputs of the step.</param>
    /// <param name="states">How many states each tensor has.</param>
    public static void Infer(Inference facts, int states)
    {
        var tensors = (facts.InputCount - 2) / (states + 2);
        if (facts.InputCount != 2 + (tensors * (states + 2)) || facts.OutputCount != tensors * (states + 1))
            throw facts.Refuse($"{facts.InputCount} inputs and {facts.OutputCount} outputs are not 2 + {states + 2} n and {states + 1} n of n tensors");
        for (var i = 0; i < facts.OutputCount; i++)
        {
            // The gradients lie between the tensors and their states.
            var input = 2 + i + (i < tensors ? 0 : tensors);
            facts.Output(i, facts.DType(input), facts.Shape(input));
        }
    }

    /// <summary>So many operations for each element of the tensors.</summary>
    public static Cost Count(CostFacts facts, int states, int operations)
    {
        var tensors = (facts.InputCount - 2) / (states + 2);
        return Enumerable.Range(0, tensors).Aggregate(Cost.None, (sum, i) => sum + facts.ForEachInput(2 + i, operations));
    }
}

/// <summary>A step of Adagrad; the state is the sum of squared gradients (ONNX operator <c>Adagrad</c>).</summary>
public sealed record Adagrad : Op
{
    /// <summary>How fast the learning rate falls: it is divided by 1 + updates × this.</summary>
    public float DecayFactor { get; init; }

    /// <summary>Added to the root that is divided by.</summary>
    public float Epsilon { get; init; } = 1e-6f;

    /// <summary>The weight of half the squared norm of the tensors in what is minimised.</summary>
    public float NormCoefficient { get; init; }

    /// <inheritdoc/>
    public override string Domain => TrainingSteps.Domain;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        DecayFactor = attributes.Float("decay_factor", DecayFactor, 0),
        Epsilon = attributes.Float("epsilon", Epsilon, 1e-6f),
        NormCoefficient = attributes.Float("norm_coefficient", NormCoefficient, 0),
    };

    internal override void Infer(Inference facts) => TrainingSteps.Infer(facts, states: 1);

    internal override Cost Count(CostFacts facts) => TrainingSteps.Count(facts, states: 1, operations: 9);
}

/// <summary>A step of Adam; the states are the running means of gradients and of squared gradients (ONNX operator <c>Adam</c>).</summary>
public sealed record Adam : Op
{
    /// <summary>How much of the mean of gradients stays.</summary>
    public float Alpha { get; init; } = 0.9f;

    /// <summary>How much of the mean of squared gradients stays.</summary>
    public float Beta { get; init; } = 0.999f;

    /// <summary>Added to the root that is divided by.</summary>
    public float Epsilon { get; init; } = 1e-6f;

    /// <summary>The weight of half the squared norm of the tensors in what is minimised.</summary>
    public float NormCoefficient { get; init; }

    /// <summary>As <see cref="NormCoefficient"/>, taken off after the step.</summary>
    public float NormCoefficientPost { get; init; }

    /// <inheritdoc/>
    public override string Domain => TrainingSteps.Domain;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Alpha = attributes.Float("alpha", Alpha, 0.9f),
        Beta = attributes.Float("beta", Beta, 0.999f),
        Epsilon = attributes.Float("epsilon", Epsilon, 1e-6f),
        NormCoefficient = attributes.Float("norm_coefficient", NormCoefficient, 0),
        NormCoefficientPost = attributes.Float("norm_coefficient_post", NormCoefficientPost, 0),
    };

    internal override void Infer(Inference facts) => TrainingSteps.Infer(facts, states: 2);

    internal override Cost Count(CostFacts facts) => TrainingSteps.Count(facts, states: 2, operations: 14);
}

/// <summary>A step of gradient descent with momentum, which is the state (ONNX operator <c>Momentum</c>).</summary>
public sealed record Momentum : Op
{
    /// <summary>How much of the momentum stays; required.</summary>
    public float Alpha { get; init; }

    /// <summary>How much of the gradient comes in; required.</summary>
    public float Beta { get; init; }

    /// <summary><c>standard</c> or <c>nesterov</c>; required.</summary>
    public string Mode { get; init; } = "standard";

    /// <summary>The weight of half the squared norm of the tensors in what is minimised; required.</summary>
    public float NormCoefficient { get; init; }

    /// <inheritdoc/>
    public override string Domain => TrainingSteps.Domain;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Alpha = attributes.RequiredFloat("alpha", Alpha),
        Beta = attributes.RequiredFloat("beta", Beta),
        Mode = attributes.RequiredText("mode", Mode),
        NormCoefficient = attributes.RequiredFloat("norm_coefficient", NormCoefficient),
    };

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("standard" or "nesterov"))
            throw facts.Refuse($"mode '{Mode}' is neither standard nor nesterov");
        TrainingSteps.Infer(facts, states: 1);
    }

    internal override Cost Count(CostFacts facts) => TrainingSteps.Count(facts, states: 1, operations: 7);
}
