namespace Anneal.Training.Optim;

/// <summary>
/// The rate rises in a straight line from a share of what the group was given to all of it (Goyal et al. 2017, section 2.2); then another schedule
/// begins, with its own step 0.
/// </summary>
public sealed record WarmUp : Schedule
{
    /// <summary>A warm-up and what comes after it.</summary>
    /// <param name="steps">How many steps the warm-up takes, at least 1: at that step the next schedule begins.</param>
    /// <param name="then">What comes after; default: the group's rate as it is.</param>
    public WarmUp(long steps, Schedule? then = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (Steps, Then) = (steps, then ?? new Constant());
    }

    /// <summary>How many steps the warm-up takes.</summary>
    public long Steps { get; }

    /// <summary>What comes after.</summary>
    public Schedule Then { get; }

    /// <summary>The share of the rate at step 0. Default 1/3.</summary>
    public double FirstShare { get; init; } = 1.0 / 3;

    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step) => step < Steps
        ? baseRate * (FirstShare + ((1 - FirstShare) * step / Steps))
        : Then.RateAt(baseRate, step - Steps);

    /// <inheritdoc/>
    public override double MomentumAt(double baseMomentum, long step) => step < Steps ? baseMomentum : Then.MomentumAt(baseMomentum, step - Steps);
}
