using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>Whether the network is off, and who said so.</summary>
internal static class OfflineSetting
{
    private const string Variable = "ANNEAL_OFFLINE";

    /// <summary>What turned the network off, or null when it is on.</summary>
    public static string? Find(DownloadOptions options, Func<string, string?> variable)
    {
        if (options.Offline)
            return "DownloadOptions.Offline";
        return variable(Variable) switch
        {
            null or "" or "0" or "false" => null,
            "1" or "true" => Variable + "=1",
            var other => throw new AnnealException($"{Variable} is '{other}'; expected 1 (no network) or 0."),
        };
    }
}
