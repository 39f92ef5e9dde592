using System.Collections.Concurrent;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>A clock whose pauses and time-outs pass a hundred times as fast as asked for; it notes the pauses.</summary>
internal sealed class HurriedTime : TimeProvider
{
    private const int Factor = 100;

    /// <summary>Every pause that was asked for, in order.</summary>
    public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
            Pauses.Enqueue(dueTime);
        return new HurriedTimer(System.CreateTimer(callback, state, Hurry(dueTime), Hurry(period)));
    }

    private static TimeSpan Hurry(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / Factor;

    private sealed class HurriedTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Hurry(dueTime), Hurry(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
