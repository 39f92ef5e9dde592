using System.Text.Json;

namespace Anneal.Zoo;

/// <summary>From a file to checked cards: text, shape, places, rules, in this order. The first mistake ends it.</summary>
internal static class ModelCatalogReader
{
    private const long LimitBytes = 64L << 20;

    /// <summary>Reads a file that holds one card.</summary>
    public static ModelCard ReadCard(string path)
    {
        var full = Path.GetFullPath(path);
        var text = new ModelCatalogText(ReadFile(full, "card"), full);
        var root = text.Parse();
        if (root.ValueKind is JsonValueKind.Object && root.TryGetProperty("models", out _))
            throw new InvalidCatalogException($"{full} holds a catalogue (it has a member 'models'); expected one card. Name it as a catalogue, and the card by its name.");
        ModelCatalogShape.Check(text, root, typeof(ModelCard));
        var card = root.Deserialize(CatalogJson.Default.ModelCard)!;
        return Finish(text, card, "", CatalogPlace.In(Path.GetDirectoryName(full)));
    }

    /// <summary>Reads a catalogue file.</summary>
    public static IReadOnlyList<ModelCard> ReadCatalog(string fullPath) =>
        ReadCatalog(ReadFile(fullPath, "catalogue"), fullPath, CatalogPlace.In(Path.GetDirectoryName(fullPath)));

    /// <summary>Reads a catalogue from its bytes; in a place without a folder, files beside it cannot be named.</summary>
    public static IReadOnlyList<ModelCard> ReadCatalog(ReadOnlyMemory<byte> utf8, string origin, CatalogPlace place)
    {
        var text = new ModelCatalogText(utf8, origin);
        var root = text.Parse();
        if (root.ValueKind is JsonValueKind.Object && root.TryGetProperty("preprocessing", out _))
            throw new InvalidCatalogException($"{origin} holds one card; expected a catalogue: {{ \"models\": [ … ] }}. Put the card into such a list, or name it as a card.");
        ModelCatalogShape.Check(text, root, typeof(CatalogFile));
        var cards = root.Deserialize(CatalogJson.Default.CatalogFile)!.Models
            .Select((card, index) => Finish(text, card, $"models[{index}]", place)).ToList();
        ModelCatalogRules.CheckNames(text, cards);
        return cards;
    }

    /// <summary>Checks a card that stands inside a model file: it can name no other file, neither a model nor labels.</summary>
    public static ModelCard FinishInside(ModelCatalogText text, ModelCard card)
    {
        if (card.File is not null)
            throw text.Error("file", "no such member, as the card is inside its file", "one");
        if (card.Labels is { } labels && !Labels.IsShipped(labels))
            throw text.Error("labels", $"a label set that ships with the zoo ({string.Join(", ", Labels.Names)})", $"\"{labels}\"");
        return Finish(text, card, "", CatalogPlace.In(null));
    }

    private static ModelCard Finish(ModelCatalogText text, ModelCard card, string path, CatalogPlace place)
    {
        var placed = ModelCatalogPlaces.Resolve(text, card, path, place);
        ModelCatalogRules.Check(text, placed, path);
        return placed with { Origin = text.Origin };
    }

    private static byte[] ReadFile(string path, string what)
    {
        try
        {
            if (Directory.Exists(path))
                throw new InvalidCatalogException($"{path} is a folder; expected the JSON file of a {what}.");
            if (!File.Exists(path))
                throw new InvalidCatalogException($"There is no {what} at {path}.");
            if (new FileInfo(path).Length is > LimitBytes and var length)
                throw new InvalidCatalogException($"{path} has {length} bytes; a {what} has at most {LimitBytes}.");
            return File.ReadAllBytes(path);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new InvalidCatalogException($"The {what} {path} cannot be read: {trouble.Message}", trouble);
        }
    }
}
