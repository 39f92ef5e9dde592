using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Anneal.Runtime.Conformance;

namespace Anneal.Cli.Conformance;

/// <summary>
/// Runs cases in another process, one after the other, so that one that takes its process down takes no other case with it: the next gets a new
/// process.
/// </summary>
/// <param name="start">How the process is started; see <see cref="CaseWorker"/> for what it is to do.</param>
/// <param name="limit">How long a case may take.</param>
internal sealed class CaseProcess(ProcessStartInfo start, TimeSpan limit) : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private Process? _process;
    private string? _said;

    /// <summary>How this very program is started with other arguments.</summary>
    public static ProcessStartInfo Self(params string[] arguments)
    {
        var program = typeof(CaseProcess).Assembly;
        var isItself = program.Location.Length == 0 || Path.GetFileName(Environment.ProcessPath) == program.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : "");
        return isItself ? new(Environment.ProcessPath!, arguments) : new(Host(), [program.Location, .. arguments]);
    }

    /// <summary>Runs one case.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled; the process is gone.</exception>
    public async Task<ConformanceResult> RunAsync(ConformanceCase @case, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limit);
        var process = _process ??= Start();
        try
        {
            await process.StandardInput.WriteLineAsync(CaseWorker.LineOf(@case.Folder).AsMemory(), timeout.Token).ConfigureAwait(false);
            await process.StandardInput.FlushAsync(timeout.Token).ConfigureAwait(false);
            return await process.StandardOutput.ReadLineAsync(timeout.Token).ConfigureAwait(false) is { } line
                ? CaseLine.Read(line)
                : await CrashedAsync(process, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return await CrashedAsync(process, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Dispose();
            cancellation.ThrowIfCancellationRequested();
            return ConformanceResult.Fail($"it took longer than {limit.TotalSeconds} s");
        }
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        process.Dispose();
    }

    private static string Host()
    {
        // …/shared/Microsoft.NETCore.App/10.0.0/ lies three folders below the host that runs it.
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }

    private Process Start()
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        (start.StandardInputEncoding, start.StandardOutputEncoding, start.StandardErrorEncoding) = (Utf8, Utf8, Utf8);
        _said = null;
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => _said ??= string.IsNullOrWhiteSpace(line.Data) ? null : line.Data.Trim();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<ConformanceResult> CrashedAsync(Process process, CancellationToken cancellation)
    {
        _process = null;
        using (process)
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return ConformanceResult.Fail($"it ended its process with exit code {process.ExitCode}{(_said is null ? "" : $": {_said}")}");
        }
    }
}
