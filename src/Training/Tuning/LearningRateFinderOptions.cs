using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>How <see cref="LearningRateFinder"/> searches.</summary>
public sealed record LearningRateFinderOptions
{
    /// <summary>The learning rate of the first step, above 0. Default 1e-7.</summary>
    public double First { get; init; } = 1e-7;

    /// <summary>The learning rate of the last step, above the first. Default 10.</summary>
    public double Last { get; init; } = 10;

    /// <summary>How many steps there are at most, at least 10. Default 100.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The share of the mean loss that is kept at each step, from 0 to below 1. Default 0.9.</summary>
    public double Smoothing { get; init; } = 0.9;

    /// <summary>The search ends when the mean loss is this many times the least one, above 1. Default 4.</summary>
    public double StopAt { get; init; } = 4;

    internal void Validate()
    {
        Require(First > 0 && double.IsFinite(First), nameof(First), First, "above 0");
        Require(Last > First && double.IsFinite(Last), nameof(Last), Last, $"above {nameof(First)}");
        Require(Steps >= 10, nameof(Steps), Steps, "at least 10");
        Require(Smoothing is >= 0 and < 1, nameof(Smoothing), Smoothing, "from 0 to below 1");
        Require(StopAt > 1, nameof(StopAt), StopAt, "above 1");
    }

    private static void Require(bool holds, string name, double value, string range)
    {
        if (!holds)
            throw new AnnealException(FormattableString.Invariant($"{nameof(LearningRateFinderOptions)}.{name} is {value}; it must be {range}."));
    }
}
