using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>What all optimisers are told. Each optimiser has its own options and its own defaults, which are PyTorch's.</summary>
public abstract record OptimizerOptions
{
    private protected OptimizerOptions(double learningRate, double weightDecay = 0) => (LearningRate, WeightDecay) = (learningRate, weightDecay);

    /// <summary>How far a step goes: the factor of the direction that the optimiser finds. At least 0.</summary>
    public double LearningRate { get; init; }

    /// <summary>How strongly parameters are drawn towards 0. At least 0; 0 switches it off.</summary>
    public double WeightDecay { get; init; }

    /// <summary>What groups start with as <see cref="ParameterGroup.Momentum"/>.</summary>
    internal abstract double InitialMomentum { get; }

    /// <summary>Refuses options outside their ranges.</summary>
    internal virtual void Validate()
    {
        RequireAtLeast(LearningRate, 0, nameof(LearningRate));
        RequireAtLeast(WeightDecay, 0, nameof(WeightDecay));
    }

    private protected static void RequireAtLeast(double value, double least, string option)
    {
        if (!(value >= least) || double.IsInfinity(value))
            throw new AnnealException($"{option} must be a number of at least {least}; {value} was given.");
    }

    /// <summary>From 0 to below 1: a share that is kept from step to step.</summary>
    private protected static void RequireShare(double value, string option)
    {
        if (value is not (>= 0 and < 1))
            throw new AnnealException($"{option} must be from 0 to below 1; {value} was given.");
    }
}
