using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>
/// Lowers the learning rates when a figure, a loss or an accuracy, has stopped getting better. It multiplies the rates that the groups have, so a
/// warm-up may come before: step a <see cref="Scheduler"/> with a <see cref="WarmUp"/> while that lasts, and this afterwards.
/// </summary>
public sealed class Plateau
{
    private readonly Optimizer _optimizer;
    private double _best;
    private long _bad;
    private long _pause;

    /// <summary>Watches a figure for an optimiser.</summary>
    public Plateau(Optimizer optimizer, PlateauOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        (_optimizer, Options) = (optimizer, options ?? new());
        _best = Options.IsGreaterBetter ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>What it goes by.</summary>
    public PlateauOptions Options { get; }

    /// <summary>What it remembers, for a checkpoint: set it to go on from there.</summary>
    /// <exception cref="AnnealException">The state is that of an optimiser with more groups or fewer.</exception>
    public PlateauState State
    {
        get => new(_best, _bad, _pause, [.. _optimizer.Groups.Select(group => group.LearningRate)]);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.LearningRates.Count != _optimizer.Groups.Count)
                throw new AnnealException($"The state has {value.LearningRates.Count} learning rates; the optimiser has {_optimizer.Groups.Count} groups.");
            (_best, _bad, _pause) = (value.Best, value.BadSteps, value.PauseLeft);
            for (var i = 0; i < value.LearningRates.Count; i++)
                _optimizer.Groups[i].LearningRate = value.LearningRates[i];
        }
    }

    /// <summary>Takes the figure of an epoch and lowers the rates when it is one too many without a better one.</summary>
    public void Step(double figure)
    {
        if (IsBetter(figure))
            (_best, _bad) = (figure, 0);
        else
            _bad++;
        if (_pause > 0)
            (_pause, _bad) = (_pause - 1, 0);
        if (_bad <= Options.Patience)
            return;
        foreach (var group in _optimizer.Groups)
            Lower(group);
        (_pause, _bad) = (Options.Pause, 0);
    }

    private bool IsBetter(double figure)
    {
        var margin = Options.IsGreaterBetter ? Options.Threshold : -Options.Threshold;
        var bar = Options.IsThresholdAbsolute ? _best + margin : _best * (1 + margin);
        return Options.IsGreaterBetter ? figure > bar : figure < bar;
    }

    private void Lower(ParameterGroup group)
    {
        var rate = Math.Max(group.LearningRate * Options.Factor, Options.Least);
        if (group.LearningRate - rate > Options.LeastChange)
            group.LearningRate = rate;
    }
}

/// <summary>Options of <see cref="Plateau"/>; the defaults are PyTorch's.</summary>
public sealed record PlateauOptions
{
    /// <summary>Whether a greater figure is a better one, as an accuracy is. Default false: it is a loss.</summary>
    public bool IsGreaterBetter { get; init; }

    /// <summary>What rates are multiplied by. Default 0.1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>How many steps without a better figure are borne. Default 10.</summary>
    public long Patience { get; init; } = 10;

    /// <summary>By how much a figure must be better to count, as a share of the best one. Default 0.0001.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Whether the threshold is a difference instead of a share. Default false.</summary>
    public bool IsThresholdAbsolute { get; init; }

    /// <summary>For how many steps after a change nothing is held against the figure. Default 0.</summary>
    public long Pause { get; init; }

    /// <summary>The least learning rate. Default 0.</summary>
    public double Least { get; init; }

    /// <summary>A change no larger than this is not made. Default 1e-8.</summary>
    public double LeastChange { get; init; } = 1e-8;
}

/// <summary>What <see cref="Plateau"/> remembers.</summary>
/// <param name="Best">The best figure.</param>
/// <param name="BadSteps">The steps since then.</param>
/// <param name="PauseLeft">The steps for which nothing is held against the figure.</param>
/// <param name="LearningRates">The rate of each group.</param>
public sealed record PlateauState(double Best, long BadSteps, long PauseLeft, IReadOnlyList<double> LearningRates);
