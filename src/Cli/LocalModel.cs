using Anneal.Onnx;
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
