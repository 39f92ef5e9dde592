namespace Anneal.Zoo;

/// <summary>Where a zoo looks for models and where it keeps them. Every default is stated here.</summary>
public sealed record ZooOptions
{
    /// <summary>The catalogue that the user's own ones are laid over. Default: the built-in one.</summary>
    public ModelCatalog Catalog { get; init; } = ModelCatalog.Default;

    /// <summary>The user's own catalogue files, laid over <see cref="Catalog"/> in this order: a later entry with the same name wins. Default: none.</summary>
    public IReadOnlyList<string> Catalogues { get; init; } = [];

    /// <summary>The folder for downloaded models. Default: <c>ANNEAL_HOME</c>, else the platform's cache folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>How files are fetched: mirrors, proxy, time-outs, offline mode, progress.</summary>
    public DownloadOptions Download { get; init; } = new();
}
