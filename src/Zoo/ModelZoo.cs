using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo;

/// <summary>
/// Pretrained classifiers by name: <c>zoo.Load("resnet101")</c> finds the model in the catalogue, fetches and checks the file, opens it,
/// and joins it with its preprocessing and labels.
/// </summary>
public sealed class ModelZoo
{
    /// <summary>A zoo with a catalogue, those of the user laid over it, and a cache.</summary>
    /// <exception cref="AnnealException">A catalogue cannot be read.</exception>
    public ModelZoo(ZooOptions? options = null)
    {
        options ??= new();
        Catalog = options.Catalogues.Aggregate(options.Catalog, (catalog, path) => catalog.Overlay(ModelCatalog.Load(path)));
        Cache = new(options.CacheFolder, options.Download);
    }

    /// <summary>What is known of each model.</summary>
    public ModelCatalog Catalog { get; }

    /// <summary>The files on this machine.</summary>
    public ModelCache Cache { get; }

    /// <summary>Loads a classifier and waits for it; see <see cref="LoadAsync"/>.</summary>
    public Classifier Load(string model, LoadOptions? options = null) =>
        Task.Run(() => LoadAsync(model, options)).GetAwaiter().GetResult();

    /// <summary>Loads a classifier.</summary>
    /// <param name="model">
    /// A name in the catalogue (<c>resnet101</c>), the path of an ONNX file (anything with a folder separator or ending in <c>.onnx</c>), or
    /// an <c>http:</c>, <c>https:</c> or <c>file:</c> address. A path or an address of a file that does not say itself how its pictures are
    /// prepared (<see cref="ModelMetadata.Card"/>) needs <see cref="LoadOptions.Card"/>, an address also <see cref="LoadOptions.Sha256"/>.
    /// </param>
    /// <param name="options">Engine, device and what else there is to choose.</param>
    /// <param name="cancellation">Stops the download; what has arrived is kept for the next try.</param>
    /// <exception cref="AnnealException">The model is unknown, cannot be had, is not what it should be, or cannot run on the device.</exception>
    public async Task<Classifier> LoadAsync(string model, LoadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        options ??= new();
        var found = await FindAsync(model, options, cancellation).ConfigureAwait(false);
        var session = await OpenAsync(found, options, cancellation).ConfigureAwait(false);
        try
        {
            return new(session, found.Card ?? OwnCard(session, found), options.Limits);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The card inside the file, which the session has read already.</summary>
    private static ModelCard OwnCard(IModelSession session, Found found) => ModelMetadata.Read(session.Metadata, found.Model)?.Card
        ?? throw new AnnealException($"{found.Model} does not say how its pictures are prepared or what its classes are called. Give a card: a catalogue entry of the same convention, or a card file.");

    private async Task<IModelSession> OpenAsync(Found found, LoadOptions options, CancellationToken cancellation)
    {
        var engine = options.Engine ?? new OrtEngine();
        try
        {
            // Opening reads hundreds of megabytes: not on the caller's thread.
            return await Task.Run(() => engine.Open(found.Source, options.Session), cancellation).ConfigureAwait(false);
        }
        catch (InvalidModelException) when (found.Cached is { } file)
        {
            // A file that went bad on the disk is named as that and removed, so that the next load fetches it anew.
            await Cache.CheckAsync(file, found.Model, cancellation).ConfigureAwait(false);
            throw;
        }
    }

    private Task<Found> FindAsync(string model, LoadOptions options, CancellationToken cancellation) => model switch
    {
        _ when Catalog.TryGet(model, out var card) => FromCatalogAsync(card, options, cancellation),
        // A bare path such as /models/net.onnx would also parse as an absolute address.
        _ when model.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(model, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" or "file" => FromAddressAsync(address, options, cancellation),
        _ when LooksLikePath(model) => Task.FromResult(FromPath(model, options)),
        _ => FromCatalogAsync(Catalog.Get(model), options, cancellation),
    };

    /// <summary>The file of a catalogue entry, downloaded and checked when it is not here yet.</summary>
    /// <param name="model">A name in the catalogue.</param>
    /// <param name="allowUnverified">Whether weights that are not known to be trained ones will do.</param>
    /// <param name="cancellation">Stops the download; what has arrived is kept for the next try.</param>
    /// <exception cref="AnnealException">The model is unknown, has no file, or cannot be had.</exception>
    public async Task<ModelSource> FetchAsync(string model, bool allowUnverified = false, CancellationToken cancellation = default) =>
        (await FromCatalogAsync(Catalog.Get(model), new() { AllowUnverified = allowUnverified }, cancellation).ConfigureAwait(false)).Source;

    private async Task<Found> FromCatalogAsync(ModelCard card, LoadOptions options, CancellationToken cancellation)
    {
        if (card.File is null)
            throw new AnnealException($"'{card.Name}' describes preprocessing and labels only and has no file: give it as the card of a model of your own.");
        if (card.Weights == WeightsStatus.Unverified && !options.AllowUnverified)
            throw new AnnealException($"The weights of '{card.Name}' are not known to be trained ones{Doubt(card)}. Allow unverified weights to load it all the same, and check its answers on a photo first.");
        if (card.File.IsEmbedded)
            return new(card.Name, options.Card ?? card, ModelSource.FromBytes(card.File.ReadEmbedded(card.Name)));
        var path = await Cache.GetAsync(card.File, card.Name, cancellation).ConfigureAwait(false);
        return new(card.Name, options.Card ?? card, ModelSource.FromFile(path, card.File.Sha256), card.File);
    }

    private async Task<Found> FromAddressAsync(Uri address, LoadOptions options, CancellationToken cancellation)
    {
        if (options.Sha256 is not { } sha256)
            throw new AnnealException($"{address} is fetched only with the SHA-256 of what it should give: state it beside the address.");
        var file = new ModelFile(sha256.ToLowerInvariant(), 0, [address]);
        var path = await Cache.GetAsync(file, address.ToString(), cancellation).ConfigureAwait(false);
        return new(address.ToString(), options.Card, ModelSource.FromFile(path, file.Sha256), file);
    }

    private static Found FromPath(string path, LoadOptions options) => File.Exists(path)
        ? new(Path.GetFullPath(path), options.Card, options.Sha256 is { } sha256 ? ModelSource.FromFile(path, sha256) : ModelSource.FromFile(path))
        : throw new AnnealException($"There is no file {Path.GetFullPath(path)}.");

    private static bool LooksLikePath(string model) =>
        model.AsSpan().ContainsAny('/', '\\') || model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || File.Exists(model);

    private static string Doubt(ModelCard card) => card.Evidence.TryGetValue("weights", out var evidence) ? $" ({evidence.Basis})" : "";

    /// <summary>What a name, path or address stands for.</summary>
    /// <param name="Model">What messages call it.</param>
    /// <param name="Card">Preprocessing and labels, or null when the file itself has to say.</param>
    /// <param name="Source">The file to open.</param>
    /// <param name="Cached">The entry of the cache that the file is, or null when it is the user's own.</param>
    private sealed record Found(string Model, ModelCard? Card, ModelSource Source, ModelFile? Cached = null);
}
