using System.Security.Cryptography;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>A classifier to start from: its graph with weights, how it wants its pictures, and what it is called.</summary>
public sealed class PretrainedModel
{
    /// <summary>A model that is in memory.</summary>
    /// <param name="model">The graph with its weights. It stays as it is.</param>
    /// <param name="card">How pictures are prepared. What it says of classes is left behind.</param>
    /// <param name="sha256">The digest of the file that the model was read from, for the lineage of what is made of it; null for none.</param>
    public PretrainedModel(Model model, ModelCard card, string? sha256 = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(card);
        (Model, Card, Sha256) = (model, card.Input is null ? card with { Input = InputOf(model) } : card, sha256);
    }

    /// <summary>The graph with its weights.</summary>
    public Model Model { get; }

    /// <summary>How pictures are prepared.</summary>
    public ModelCard Card { get; }

    /// <summary>The digest of the file, lower case; null for a model that never was one.</summary>
    public string? Sha256 { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">An <c>.onnx</c> file.</param>
    /// <param name="card">How pictures are prepared; null for what the file says of itself.</param>
    /// <exception cref="AnnealException">The file cannot be read, or there is no card and the file says nothing of itself.</exception>
    public static PretrainedModel FromFile(string path, ModelCard? card = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new AnnealException($"There is no file {Path.GetFullPath(path)}.");
        var model = OnnxFile.Load(path);
        return new(model, card ?? OwnCard(model, path), Digest(path));
    }

    /// <summary>A model of the zoo, downloaded when it is not here yet.</summary>
    /// <param name="name">A name in the catalogue, such as <c>resnet50</c>.</param>
    /// <param name="zoo">The zoo; null for the usual one.</param>
    /// <param name="allowUnverified">Whether weights that are not known to be trained ones will do.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="AnnealException">The model is unknown or cannot be had.</exception>
    public static async Task<PretrainedModel> FromZooAsync(string name, ModelZoo? zoo = null, bool allowUnverified = false, CancellationToken cancellation = default)
    {
        zoo ??= new();
        var card = zoo.Catalog.Get(name);
        var source = await zoo.FetchAsync(name, allowUnverified, cancellation).ConfigureAwait(false);
        return new(source.Path is { } path ? OnnxFile.Load(path) : OnnxFile.Parse(source.Bytes), card, card.File?.Sha256);
    }

    /// <summary>A model of the zoo, and waits for it; see <see cref="FromZooAsync"/>.</summary>
    public static PretrainedModel FromZoo(string name, ModelZoo? zoo = null) => Task.Run(() => FromZooAsync(name, zoo)).GetAwaiter().GetResult();

    /// <summary>What the graph says of its input, where the card leaves it to the file.</summary>
    private static CardTensor? InputOf(Model model) => model.Graph.RequiredInputs.FirstOrDefault() is { Type: TensorType { Shape: { } shape } } input
        ? new(input.Name, [.. shape.Select(extent => extent.IsKnown ? extent.Value : -1)])
        : null;

    private static ModelCard OwnCard(Model model, string path) => ModelMetadata.Read(model, path)?.Card
        ?? throw new AnnealException($"{path} does not say how its pictures are prepared. Give a card: a catalogue entry of the same convention, or a card file.");

    private static string Digest(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
