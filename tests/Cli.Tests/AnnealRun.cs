using System.Diagnostics;
using System.Text;

namespace Anneal.Cli.Tests;

/// <summary>One run of the program and what came of it.</summary>
/// <param name="ExitCode">What it answered its caller with.</param>
/// <param name="Out">Standard output, as it was written.</param>
/// <param name="Error">Standard error, as it was written.</param>
internal sealed record AnnealRun(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output, line by line.</summary>
    public IReadOnlyList<string> Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the program inside this process: cheap, and everything but the process itself is the real thing.</summary>
    public static async Task<AnnealRun> HereAsync(params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await CommandLine.RunAsync(args, new Screen(output, error), TestContext.Current.CancellationToken);
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs the built program as a process of its own, with standard output and standard error piped.</summary>
    public static async Task<AnnealRun> ChildAsync(string[] args, string? folder = null, params (string Name, string? Value)[] variables)
    {
        using var child = Start(args, folder, variables);
        child.StandardInput.Close();
        var output = ReadAsync(child.StandardOutput.BaseStream);
        var error = ReadAsync(child.StandardError.BaseStream);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(child.ExitCode, await output, await error);
    }

    /// <summary>Starts the built program.</summary>
    public static Process Start(string[] args, string? folder = null, params (string Name, string? Value)[] variables)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in args.Prepend(Program))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>The path of the built program.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "Anneal.Cli.dll");

    private static async Task<string> ReadAsync(Stream stream)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
