namespace Anneal.Training.Optim;

/// <summary>The rate is multiplied by a factor after each so many steps.</summary>
public sealed record StepDecay : Schedule
{
    /// <summary>A schedule with steps of equal length.</summary>
    /// <param name="every">How many steps the rate stays, at least 1.</param>
    /// <param name="factor">What it is then multiplied by.</param>
    public StepDecay(long every, double factor = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        (Every, Factor) = (every, factor);
    }

    /// <summary>How many steps the rate stays.</summary>
    public long Every { get; }

    /// <summary>What the rate is then multiplied by.</summary>
    public double Factor { get; }

    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step) => baseRate * Math.Pow(Factor, step / Every);
}

/// <summary>The rate is multiplied by a factor at each milestone.</summary>
public sealed record MultiStepDecay : Schedule
{
    private readonly long[] _milestones;

    /// <summary>A schedule with milestones.</summary>
    /// <param name="milestones">The first step of each new rate; one that comes twice counts twice.</param>
    /// <param name="factor">What the rate is multiplied by.</param>
    public MultiStepDecay(IEnumerable<long> milestones, double factor = 0.1)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        (_milestones, Factor) = ([.. milestones.Order()], factor);
    }

    /// <summary>The first step of each new rate.</summary>
    public IReadOnlyList<long> Milestones => _milestones;

    /// <summary>What the rate is multiplied by.</summary>
    public double Factor { get; }

    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step) => baseRate * Math.Pow(Factor, _milestones.Count(milestone => milestone <= step));
}

/// <summary>The rate is multiplied by a factor at every step.</summary>
/// <param name="Factor">The factor.</param>
public sealed record ExponentialDecay(double Factor) : Schedule
{
    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step) => baseRate * Math.Pow(Factor, step);
}
