using System.Diagnostics;
using System.Globalization;

namespace Anneal.Onnx.Tests.Fuzz;

public sealed class FuzzTests(ITestOutputHelper output)
{
    private const string Range = "ANNEAL_FUZZ_RANGE";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Five_thousand_mutants_are_refused_with_a_sentence_or_taken_through_everything_in_half_a_gibibyte()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", $"*{nameof(FuzzTests)}.{nameof(Mutants_in_this_process)}"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[Range] = "0-5000";
        // The limit of the heap holds for a whole process, so the mutants get one of their own.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x20000000";
        using var child = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Longest);
        await using var ending = patience.Token.Register(() => child.Kill(entireProcessTree: true));
        var said = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        output.WriteLine(said);
        Assert.True(child.ExitCode == 0, said);
        Assert.Contains("mutants 5000", said, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void Mutants_in_this_process()
    {
        var range = (Environment.GetEnvironmentVariable(Range) ?? "0-100").Split('-');
        var (first, end) = (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[1], CultureInfo.InvariantCulture));
        var bases = FuzzBases.Load(TestData.IsPresent ? TestData.Require("onnx-backend") : null);

        Assert.Equal(0, new FuzzRun(new(bases), Console.Out).Run(first, end - first, progressEvery: int.MaxValue));
    }
}
