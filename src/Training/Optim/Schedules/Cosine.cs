namespace Anneal.Training.Optim;

/// <summary>
/// The rate falls along half a cosine, from what the group was given to a least one (Loshchilov and Hutter 2017, "SGDR", equation 5). After the last
/// step it rises again along the other half.
/// </summary>
public sealed record Cosine : Schedule
{
    /// <summary>A schedule of half a cosine.</summary>
    /// <param name="steps">How many steps the fall takes, at least 1: at that step the rate is the least one.</param>
    /// <param name="least">The rate at the end.</param>
    public Cosine(long steps, double least = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (Steps, Least) = (steps, least);
    }

    /// <summary>How many steps the fall takes.</summary>
    public long Steps { get; }

    /// <summary>The rate at the end.</summary>
    public double Least { get; }

    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step) => Fall(baseRate, Least, (double)step / Steps);

    /// <summary>Half a cosine from one number to another.</summary>
    internal static double Fall(double from, double to, double share) => to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
}

/// <summary>As <see cref="Cosine"/>, but at the end of each period the rate leaps back and the next period begins (SGDR, section 3).</summary>
public sealed record CosineRestarts : Schedule
{
    /// <summary>A schedule of periods.</summary>
    /// <param name="firstPeriod">How many steps the first period has, at least 1.</param>
    /// <param name="growth">How many times as long each period is as the one before, at least 1.</param>
    /// <param name="least">The rate that each period falls to.</param>
    public CosineRestarts(long firstPeriod, long growth = 1, double least = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstPeriod, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(growth, 1);
        (FirstPeriod, Growth, Least) = (firstPeriod, growth, least);
    }

    /// <summary>How many steps the first period has.</summary>
    public long FirstPeriod { get; }

    /// <summary>How many times as long each period is as the one before.</summary>
    public long Growth { get; }

    /// <summary>The rate that each period falls to.</summary>
    public double Least { get; }

    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step)
    {
        var (at, period) = Growth == 1 ? (step % FirstPeriod, FirstPeriod) : (step, FirstPeriod);
        while (at >= period)
            (at, period) = (at - period, period * Growth);
        return Cosine.Fall(baseRate, Least, (double)at / period);
    }
}
