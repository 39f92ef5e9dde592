using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Anneal.Cli.Conformance;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Runtime.Conformance;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal conformance</c>: ONNX's backend cases on an engine, each in a process that is not this one. Results go to standard output, one line a
/// case, and the sum of them to standard error.
/// </summary>
internal sealed class ConformanceCommand(Screen screen)
{
    private readonly int[] _counts = new int[Enum.GetValues<ConformanceOutcome>().Length];

    public static Command Create(Screen screen)
    {
        var folder = new Argument<string>("dir") { Description = "A case (model.onnx and test_data_set_*), a suite of cases, or a folder of suites, as onnx/backend/test/data has them." };
        var filter = new Option<string?>("--filter") { Description = "Only the cases whose name matches the pattern (*, ?, [..]).", HelpName = "GLOB" };
        var timeout = new Option<int>("--timeout") { Description = "How many seconds a case may take.", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        var json = ModelsCommand.Json("One JSON object a line for each case: case, result (pass, fail, unsupported), reason, maxError.");
        Ranges.Require(timeout, 1, 86_400);
        var command = new Command("conformance", "Run ONNX's backend test cases on an engine. Exit code 0: nothing failed; 1: something did.") { folder, filter };
        var choice = EngineChoice.AddTo(command, engine: "anneal");
        command.Options.Add(timeout);
        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            if (result.GetValue(folder) is { } given && !Directory.Exists(given))
                result.AddError($"There is no folder '{given}'.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            var cases = Find(parsed.GetRequiredValue(folder), parsed.GetValue(filter));
            if (cases.Length == 0)
                return Task.FromResult(Refuse(screen, parsed.GetRequiredValue(folder), parsed.GetValue(filter)));
            var (engine, options) = (choice.Engine(parsed), choice.Session(parsed));
            RequireDevice(engine, options.Device);
            var start = CaseProcess.Self(CaseWorker.Arguments(engine, options));
            return new ConformanceCommand(screen).RunAsync(cases, start, TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    /// <summary>Runs cases in order and gives the program's exit code.</summary>
    internal async Task<int> RunAsync(IReadOnlyList<ConformanceCase> cases, ProcessStartInfo start, TimeSpan limit, bool asJson, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        using var process = new CaseProcess(start, limit);
        try
        {
            foreach (var @case in cases)
            {
                cancellation.ThrowIfCancellationRequested();
                var result = await process.RunAsync(@case, cancellation).ConfigureAwait(false);
                _counts[(int)result.Outcome]++;
                screen.Line(asJson ? CaseLine.Of(@case.Name, result) : Line(@case.Name, result));
            }
        }
        catch (OperationCanceledException)
        {
            screen.Notice($"Interrupted. {Summary(cases.Count, watch.Elapsed)}");
            throw;
        }
        screen.Notice(Summary(cases.Count, watch.Elapsed));
        return Count(ConformanceOutcome.Fail) == 0 ? ExitCode.Ok : ExitCode.SomeFailed;
    }

    private static ConformanceCase[] Find(string folder, string? filter) =>
        [.. ConformanceCase.Find(folder).Where(@case => filter is null || Glob.Matches(@case.Name, filter) || Glob.Matches(Path.GetFileName(@case.Folder), filter))];

    private static int Refuse(Screen screen, string folder, string? filter)
    {
        var all = ConformanceCase.Find(folder).Count;
        screen.Notice(all == 0
            ? $"'{folder}' holds no case: neither it nor a folder in it nor one below those has a model.onnx."
            : $"None of the {Quantity.Of(all, "case")} in '{folder}' matches --filter {filter}.");
        return ExitCode.Usage;
    }

    /// <summary>A device that cannot be had is no fault of any case.</summary>
    private static void RequireDevice(IEngine engine, Device device)
    {
        if (device.Kind is DeviceKind.Auto or DeviceKind.Cpu)
            return;
        var status = engine.Devices.FirstOrDefault(known => known.Device == device);
        if (status is not { IsAvailable: true })
            throw new DeviceUnavailableException($"{device} cannot be had from the engine '{engine.Name}': {status?.Missing ?? "it knows of no such device."}");
    }

    private static string Line(string name, ConformanceResult result) =>
        Screen.Printable($"{CaseLine.WordFor(result.Outcome),-11} {name}{(result.MaxError is { } error ? string.Create(CultureInfo.InvariantCulture, $" (largest difference {error:g2})") : "")}{(result.Reason is null ? "" : $": {result.Reason}")}");

    private string Summary(int asked, TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{Count(ConformanceOutcome.Pass)} passed, {Count(ConformanceOutcome.Fail)} failed, {Count(ConformanceOutcome.Unsupported)} unsupported, of {Quantity.Of(asked, "case")} in {time.TotalSeconds:0.0} s.");

    private int Count(ConformanceOutcome outcome) => _counts[(int)outcome];
}
