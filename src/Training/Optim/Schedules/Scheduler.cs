namespace Anneal.Training.Optim;

/// <summary>
/// Sets the learning rates of an optimiser's groups as a schedule has them: those of step 0 at once, and the next ones at each <see cref="Step"/>,
/// which follows the optimiser's own. What the groups have when the scheduler is made is what the schedule starts from.
/// </summary>
public sealed class Scheduler
{
    private readonly (ParameterGroup Group, double Rate, double Momentum)[] _groups;
    private readonly Schedule _schedule;

    /// <summary>A scheduler.</summary>
    /// <param name="optimizer">The optimiser, with the rates that the schedule starts from.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="position">How many steps have passed: above 0 for a training that is resumed.</param>
    public Scheduler(Optimizer optimizer, Schedule schedule, long position = 0)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        _schedule = schedule;
        _groups = [.. optimizer.Groups.Select(group => (group, group.LearningRate, group.Momentum))];
        Position = position;
        Set();
    }

    /// <summary>How many steps have passed: what a checkpoint keeps.</summary>
    public long Position { get; private set; }

    /// <summary>The learning rate of the first group, for the log.</summary>
    public double LearningRate => _groups[0].Group.LearningRate;

    /// <summary>Goes on to the next step.</summary>
    public void Step()
    {
        Position++;
        Set();
    }

    /// <summary>Goes to a step, of a training that is resumed.</summary>
    internal void GoTo(long position)
    {
        Position = position;
        Set();
    }

    private void Set()
    {
        foreach (var (group, rate, momentum) in _groups)
            (group.LearningRate, group.Momentum) = (_schedule.RateAt(rate, Position), _schedule.MomentumAt(momentum, Position));
    }
}
