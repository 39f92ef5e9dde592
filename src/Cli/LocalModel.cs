using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>From what a person calls a model to a file on this machine.</summary>
internal static class LocalModel
{
    /// <summary>The card of a name, with its file.</summary>
    /// <exception cref="AnnealException">There is no such card, or it has no file.</exception>
    public static (ModelCard Card, ModelFile File) WithFile(ModelZoo zoo, string name)
    {
        var card = zoo.Catalog.Get(name);
        return card.File is { } file
            ? (card, file)
            : throw new AnnealException($"'{card.Name}' describes preprocessing and labels only: it has no file to fetch, check or remove.");
    }

    /// <summary>A file, or a catalogue entry's file, which is fetched when it is not here; one inside this program is not written anywhere.</summary>
    /// <returns>What the model is called in messages, and where it is read from.</returns>
    public static async Task<(string Name, ModelSource Source)> OpenAsync(ModelZoo zoo, string fileOrName, CancellationToken cancellation)
    {
        if (!File.Exists(fileOrName) && zoo.Catalog.TryGet(fileOrName, out var card) && card.File is { IsEmbedded: true } file)
            return (card.Name, ModelSource.FromBytes(file.ReadEmbedded(card.Name)));
        var path = Path.GetFullPath(await FindAsync(zoo, fileOrName, cancellation).ConfigureAwait(false));
        return (path, ModelSource.FromFile(path));
    }

    /// <summary>The path of a file, or of a catalogue entry's file, which is fetched when it is not here.</summary>
    public static async Task<string> FindAsync(ModelZoo zoo, string fileOrName, CancellationToken cancellation)
    {
        if (File.Exists(fileOrName))
            return fileOrName;
        if (fileOrName.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || fileOrName.AsSpan().ContainsAny('/', '\\'))
            throw new AnnealException($"There is no file '{Path.GetFullPath(fileOrName)}'.");
        var (card, file) = WithFile(zoo, fileOrName);
        return await zoo.Cache.GetAsync(file, card.Name, cancellation).ConfigureAwait(false);
    }
}
