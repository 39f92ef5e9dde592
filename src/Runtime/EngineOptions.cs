using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>How a session is opened. Every default is stated here and checked once, when the session opens.</summary>
public sealed record EngineOptions
{
    /// <summary>All defaults.</summary>
    public static EngineOptions Default { get; } = new();

    /// <summary>The device to run on. Default: <see cref="Device.Auto"/>, which reports its choice in <see cref="IModelSession.Notices"/>.</summary>
    public Device Device { get; init; }

    /// <summary>Threads inside one operator; 0 (default) means one for each physical core. Range 0 to 1,024.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether idle workers spin while they wait. Default true: the lowest latency for a session that has the machine to itself. Set it to
    /// false where other work shares the cores (pipelines, servers, training): spinning takes 7 to 45 % from it.
    /// </summary>
    public bool Spinning { get; init; } = true;

    /// <summary>Runs on zeros before <c>Open</c> returns, so that the first real run is a fast one. Default 0. Range 0 to 100.</summary>
    public int WarmUpRuns { get; init; }

    /// <summary>A plugin provider library to register, by path, before the device is looked for. Default: none.</summary>
    public string? ProviderLibrary { get; init; }

    /// <summary>
    /// Whether nodes that a GPU's provider cannot run may run on the processor. Default false: a model that does not run wholly on the
    /// device that was asked for does not open. With true, <see cref="IModelSession.Notices"/> names the nodes on the processor.
    /// </summary>
    public bool AllowCpuFallback { get; init; }

    /// <summary>Whether to ask which node runs on which provider (slower to open). Default false.</summary>
    public bool ReportPlacement { get; init; }

    /// <summary>Says which value is out of its range.</summary>
    /// <exception cref="AnnealException">One is.</exception>
    internal void Validate()
    {
        Require(nameof(Threads), Threads, 1024);
        Require(nameof(WarmUpRuns), WarmUpRuns, 100);
    }

    private static void Require(string name, int value, int maximum)
    {
        if (value < 0 || value > maximum)
            throw new AnnealException($"EngineOptions.{name} is {value}. Expected 0 to {maximum}.");
    }
}
