namespace Anneal.Training.Optim;

/// <summary>
/// How the learning rate changes as a training goes: a function of the step and of nothing else, so that a resumed training goes on where it was. A
/// step is whatever a <see cref="Scheduler"/> counts: a batch or an epoch.
/// </summary>
public abstract record Schedule
{
    private protected Schedule() { }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="baseRate">The rate that the group was given.</param>
    /// <param name="step">The step, from 0.</param>
    public abstract double RateAt(double baseRate, long step);

    /// <summary>The momentum of a step; a schedule that leaves it alone gives back the one that the group was given.</summary>
    /// <param name="baseMomentum">The momentum that the group was given.</param>
    /// <param name="step">The step, from 0.</param>
    public virtual double MomentumAt(double baseMomentum, long step) => baseMomentum;

    /// <summary>Begins with a linear warm-up; this schedule starts when it is over.</summary>
    /// <inheritdoc cref="WarmUp(long, Schedule?)"/>
    public WarmUp After(long steps) => new(steps, this);
}

/// <summary>The rate that the group was given, throughout.</summary>
public sealed record Constant : Schedule
{
    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step) => baseRate;
}
