using System.Diagnostics;
using System.Globalization;
using Anneal.Training.Ops;

namespace Anneal.Bench.Torch;

/// <summary>Where the time of a training step goes, operator by operator: <c>profile-step [NET] [BATCH]</c>.</summary>
internal static class StepProfile
{
    private const int Steps = 3;

    public static int Run(string[] args)
    {
        var (net, batch) = (args is [var name, ..] ? name : "resnet50", args is [_, var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 8);
        var loop = new TrainingLoop(net, batch);
        loop.Step();
        loop.Step();
        var times = new Dictionary<string, (int Calls, TimeSpan Time)>();
        OpProfile.Listener = (op, time) => times[op.Name] = times.GetValueOrDefault(op.Name) is var sum ? (sum.Calls + 1, sum.Time + time) : default;
        var (start, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        for (var i = 0; i < Steps; i++)
            loop.Step();
        var all = Stopwatch.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        OpProfile.Listener = null;
        Console.WriteLine($"{net}, batch {batch}: {all.TotalMilliseconds / Steps:F0} ms a step, {processor.TotalMilliseconds / Steps:F0} ms of processor time");
        foreach (var (op, (calls, time)) in times.OrderByDescending(pair => pair.Value.Time))
            Console.WriteLine($"  {op,-28} {calls / Steps,6} calls {time.TotalMilliseconds / Steps,9:F1} ms {time / all,7:P1}");
        Console.WriteLine($"  {"the rest",-28} {"",12} {(all - times.Values.Aggregate(TimeSpan.Zero, (sum, pair) => sum + pair.Time)).TotalMilliseconds / Steps,9:F1} ms");
        return 0;
    }
}
