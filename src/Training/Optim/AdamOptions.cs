namespace Anneal.Training.Optim;

/// <summary>Options of <see cref="Adam"/>.</summary>
public record AdamOptions : OptimizerOptions
{
    /// <summary>The options with their defaults: a learning rate of 0.001, no decay.</summary>
    public AdamOptions() : this(weightDecay: 0) { }

    private protected AdamOptions(double weightDecay) : base(1e-3, weightDecay) { }

    /// <summary>β₁, the share of the mean of gradients that is kept, from 0 to below 1. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂, the share of the mean of squares that is kept, from 0 to below 1. Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε, added to the root of the mean of squares. At least 0, default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    internal override double InitialMomentum => Beta1;

    internal override void Validate()
    {
        base.Validate();
        RequireShare(Beta1, nameof(Beta1));
        RequireShare(Beta2, nameof(Beta2));
        RequireAtLeast(Epsilon, 0, nameof(Epsilon));
    }
}

/// <summary>Options of <see cref="AdamW"/>: those of Adam, with a weight decay of 0.01 unless another is given.</summary>
public sealed record AdamWOptions() : AdamOptions(weightDecay: 1e-2);
