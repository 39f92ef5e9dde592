using System.Diagnostics;
using System.Text.Json;

namespace Anneal.Bench.Torch;

/// <summary>
/// The yardstick: a program that runs libtorch, takes a request a line and answers with a line of JSON. It is started once and asked in turns with
/// our own measurements.
/// </summary>
internal sealed class TorchPeer : IDisposable
{
    /// <summary>Where the peer is looked for when no path is given.</summary>
    public const string Variable = "ANNEAL_TORCH_PEER";

    private readonly Process _process;

    public TorchPeer(string path) => _process = Process.Start(new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"'{path}' could not be started.");

    /// <summary>Asks for a measurement; the number is called <paramref name="field"/> in the answer.</summary>
    public double Ask(string request, string field) => Ask(request).GetProperty(field).GetDouble();

    /// <summary>Asks for a measurement.</summary>
    public JsonElement Ask(string request)
    {
        _process.StandardInput.WriteLine(request);
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The peer ended at '{request}'.");
        using var answer = JsonDocument.Parse(line);
        return answer.RootElement.TryGetProperty("error", out var error)
            ? throw new InvalidOperationException($"The peer refused '{request}': {error}")
            : answer.RootElement.Clone();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
