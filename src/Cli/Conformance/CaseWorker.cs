using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Runtime.Conformance;

namespace Anneal.Cli.Conformance;

/// <summary>
/// The process that runs cases for <c>anneal conformance</c>: each line of standard input is the folder of a case as a JSON string, each line of
/// standard output what came of it. It ends when its input does.
/// </summary>
internal static class CaseWorker
{
    /// <summary>The first argument of the program when it is such a process.</summary>
    public const string Verb = "conformance-worker";

    /// <summary>The arguments that start it.</summary>
    public static string[] Arguments(IEngine engine, EngineOptions options) =>
        [Verb, engine.Name, $"{options.Device}", options.Threads.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Runs cases until there are no more.</summary>
    /// <param name="engine">The engine's name.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="threads">The number of threads.</param>
    public static int Run(string engine, string device, string threads)
    {
        // Ctrl-C reaches every process of the terminal; this one ends with the one that started it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        using var output = StandardOutput.Open();
        var options = new EngineOptions { Device = Device.Parse(device), Threads = int.Parse(threads, CultureInfo.InvariantCulture), Spinning = false };
        var check = new ConformanceCheck(EngineChoice.Engines.First(known => known.Name == engine), options);
        while (input.ReadLine() is { } line)
        {
            output.WriteLine(CaseLine.Of("", check.Run(new("", FolderIn(line)))));
            output.Flush();
        }
        return ExitCode.Ok;
    }

    /// <summary>A folder as a line of the worker's input.</summary>
    public static string LineOf(string folder) => JsonText.Of(json => json.WriteStringValue(folder));

    private static string FolderIn(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetString()!;
    }
}
