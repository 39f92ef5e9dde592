using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>
/// One rise to a great rate and one long fall to almost nothing, while the momentum does the opposite (Smith and Topin 2018, "Super-Convergence"; in
/// PyTorch's form). The rate that a group was given is the greatest one.
/// </summary>
public sealed record OneCycle : Schedule
{
    /// <summary>A schedule of one cycle.</summary>
    /// <param name="steps">How many steps there are in all, at least 1. A later step is refused.</param>
    public OneCycle(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        Steps = steps;
    }

    /// <summary>How many steps there are in all.</summary>
    public long Steps { get; }

    /// <summary>The share of the steps in which the rate rises, from 0 to 1. Default 0.3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside its range.</exception>
    public double Rise
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A share is from 0 to 1.");
    } = 0.3;

    /// <summary>Whether rates and momenta run along straight lines instead of cosines. Default false.</summary>
    public bool IsLinear { get; init; }

    /// <summary>Whether the rate first falls back to where it began, as fast as it rose, and only then to the end. Default false.</summary>
    public bool HasThreePhases { get; init; }

    /// <summary>How many times smaller than the greatest rate the first one is. Default 25.</summary>
    public double FirstDivisor { get; init; } = 25;

    /// <summary>How many times smaller than the first rate the last one is. Default 10,000.</summary>
    public double LastDivisor { get; init; } = 1e4;

    /// <summary>Whether the momentum changes too. Default true.</summary>
    public bool CyclesMomentum { get; init; } = true;

    /// <summary>The momentum where the rate is greatest. Default 0.85.</summary>
    public double LeastMomentum { get; init; } = 0.85;

    /// <summary>The momentum at the start and at the end. Default 0.95.</summary>
    public double GreatestMomentum { get; init; } = 0.95;

    /// <inheritdoc/>
    public override double RateAt(double baseRate, long step)
    {
        var first = baseRate / FirstDivisor;
        var last = first / LastDivisor;
        return HasThreePhases ? Along(step, first, baseRate, first, last) : Along(step, first, baseRate, last);
    }

    /// <inheritdoc/>
    public override double MomentumAt(double baseMomentum, long step) => !CyclesMomentum ? baseMomentum
        : HasThreePhases ? Along(step, GreatestMomentum, LeastMomentum, GreatestMomentum, GreatestMomentum)
        : Along(step, GreatestMomentum, LeastMomentum, GreatestMomentum);

    /// <summary>The value at a step of a line through numbers, which are reached at the ends of the phases.</summary>
    private double Along(long step, params ReadOnlySpan<double> numbers)
    {
        // A loop that goes on after each of its steps arrives at Steps behind the last, and asks for nothing there.
        if (step == Steps)
            step--;
        if (step > Steps)
            throw new AnnealException($"{nameof(OneCycle)} has {Steps} steps; step {step}, counted from 0, is one too many. Give it as many steps as the training has.");
        var start = 0.0;
        for (var phase = 0; ; phase++)
        {
            var end = EndOf(phase, phase == numbers.Length - 2);
            if (step <= end || phase == numbers.Length - 2)
                return Between(numbers[phase], numbers[phase + 1], end > start ? (step - start) / (end - start) : 1);
            start = end;
        }
    }

    private double EndOf(int phase, bool isLast) => isLast ? Steps - 1 : ((phase + 1) * Rise * Steps) - (phase + 1);

    private double Between(double from, double to, double share) => IsLinear ? ((to - from) * share) + from : Cosine.Fall(from, to, share);
}
