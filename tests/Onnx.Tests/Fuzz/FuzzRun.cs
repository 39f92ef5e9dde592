using System.Diagnostics;
using System.Globalization;

namespace Anneal.Onnx.Tests.Fuzz;

/// <summary>Runs the mutants of a range of numbers and says what came of it. A mutant that fails is named so that it can be run again alone.</summary>
internal sealed class FuzzRun(Mutator mutator, TextWriter output)
{
    // Processor time, which a busy machine does not stretch; what hangs is ended by the clock.
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private int _current;
    private long _started;

    /// <summary>Runs mutants from one number on; returns how many failed.</summary>
    public int Run(int first, int count, int progressEvery)
    {
        using var watchdog = new Timer(_ => EndHang(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var (accepted, failed, slowest, slowestSeed) = (0, 0, TimeSpan.Zero, first);
        for (var seed = first; seed < first + count; seed++)
        {
            (_current, _started) = (seed, Stopwatch.GetTimestamp());
            var before = Environment.CpuUsage.TotalTime;
            var fault = Try(seed, ref accepted);
            var took = Environment.CpuUsage.TotalTime - before;
            // The first mutants also pay for compiling the code that they run.
            if (fault is null && took > MostTime && seed > first + 20)
                fault = $"took {took.TotalSeconds:F1} s of processor time";
            if (fault is not null && ++failed <= 20)
                output.WriteLine($"{Describe(seed)}: {fault}");
            if (took > slowest && seed > first + 20)
                (slowest, slowestSeed) = (took, seed);
            if ((seed - first + 1) % progressEvery == 0)
                output.WriteLine($"{seed - first + 1} of {count}, next is {seed + 1}");
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"mutants {count}, refused {count - accepted - failed}, accepted {accepted}, failed {failed}, slowest {slowest.TotalMilliseconds:F0} ms ({slowestSeed}), peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
        return failed;
    }

    private string? Try(int seed, ref int accepted)
    {
        try
        {
            accepted += FuzzTrial.Run(mutator.Make(seed).Bytes) ? 1 : 0;
            return null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private void EndHang()
    {
        if (Stopwatch.GetElapsedTime(_started) < Hang)
            return;
        output.WriteLine($"{Describe(_current)}: still running after {Hang.TotalSeconds} s");
        output.Flush();
        Environment.Exit(3);
    }

    private string Describe(int seed)
    {
        var (name, mutations, bytes) = mutator.Make(seed);
        return $"mutant {seed} of {name} ({mutations}; {bytes.Length} bytes)";
    }
}
