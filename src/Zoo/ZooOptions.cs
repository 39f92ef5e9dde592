namespace Anneal.Zoo;

/// <summary>Where a zoo looks for models and where it keeps them. Every default is stated here.</summary>
public sealed record ZooOptions
{
    /// <summary>The user's own catalogue files, laid over the built-in one in this order: a later entry with the same name wins. Default: none.</summary>
    public IReadOnlyList<string> Catalogues { get; init; } = [];

    /// <summary>The folder for downloaded models. Default: <c>ANNEAL_HOME</c>, else the platform's cache folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>How files are fetched: mirrors, proxy, time-outs, offline mode, progress.</summary>
    public DownloadOptions Download { get; init; } = new();
}
