using System.Diagnostics;
using System.Text.Json;
using Anneal.Onnx;
using Anneal.Training;

namespace Anneal.Bench.Gpu;

/// <summary>Takes times on a device and writes each as a JSON line; in a rehearsal each is taken once.</summary>
internal sealed class Clock(Device device, bool isRehearsal)
{
    private readonly int _rounds = isRehearsal ? 1 : 5;
    private readonly double _secondsOfRound = isRehearsal ? 0.01 : 0.5;

    public Device Device => device;

    /// <summary>Measures a call that takes so many operations.</summary>
    public void Measure(string what, double operations, Func<Tensor> run)
    {
        var seconds = Seconds(() =>
        {
            using var scope = TensorScope.Begin();
            _ = run();
        });
        Write(new { what, engine = "anneal", device = device.ToString(), milliseconds = Math.Round(seconds * 1e3, 4), gigaPerSecond = Math.Round(operations / seconds / 1e9, 1) });
    }

    /// <summary>Measures a step over a batch.</summary>
    public void MeasureBatch(string what, int batch, Action step)
    {
        var seconds = Seconds(step);
        Write(new { what, engine = "anneal", device = device.ToString(), batch, milliseconds = Math.Round(seconds * 1e3, 3), imagesPerSecond = Math.Round(batch / seconds, 1) });
    }

    /// <summary>The median of some rounds, after two calls to warm up.</summary>
    private double Seconds(Action run)
    {
        Times(run, 2);
        var count = Math.Max(1, (int)(_secondsOfRound / Math.Max(1e-5, Times(run, 1))));
        return Enumerable.Range(0, _rounds).Select(_ => Times(run, count) / count).Order().ElementAt(_rounds / 2);
    }

    private double Times(Action run, int count)
    {
        Wait();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            run();
        Wait();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // A device does everything in order: when the last number is here, all before it is done.
    private void Wait() => _ = Tensor.Full([], 1, device: device).Item();

    private static void Write<T>(T line) => Console.WriteLine(JsonSerializer.Serialize(line));
}
