using System.Diagnostics.CodeAnalysis;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>The models that can be loaded by name: the built-in <c>models.json</c>, a user's own file, or one laid over the other. Immutable.</summary>
public sealed class ModelCatalog
{
    private static readonly Lazy<ModelCatalog> BuiltIn = new(ReadBuiltIn);
    private readonly Dictionary<string, ModelCard> _byName = new(StringComparer.OrdinalIgnoreCase);

    private ModelCatalog(IReadOnlyList<ModelCard> cards, string origin)
    {
        Cards = cards;
        Origin = origin;
        foreach (var card in cards)
            foreach (var name in card.Aliases.Prepend(card.Name))
                _byName.Add(name, card);
    }

    /// <summary>The catalogue that ships with the library.</summary>
    public static ModelCatalog Default => BuiltIn.Value;

    /// <summary>Where the entries come from, in words; each card's own place is in <see cref="ModelCard.Origin"/>.</summary>
    public string Origin { get; }

    /// <summary>The entries in the order of their file; those that an overlay adds come last.</summary>
    public IReadOnlyList<ModelCard> Cards { get; }

    /// <summary>Reads a catalogue file. Comments and trailing commas are accepted; <c>file:</c> sources and label files are relative to its folder.</summary>
    /// <exception cref="InvalidCatalogException">The file cannot be read, or something in it is wrong; the message says where.</exception>
    public static ModelCatalog Load(string path)
    {
        var full = Path.GetFullPath(path);
        return new(ModelCatalogReader.ReadCatalog(full), full);
    }

    /// <summary>Reads a catalogue from a stream, which must name its files absolutely.</summary>
    /// <param name="json">The catalogue, JSON in UTF-8.</param>
    /// <param name="origin">What to call it in messages.</param>
    /// <exception cref="InvalidCatalogException">Something in it is wrong; the message says where.</exception>
    public static ModelCatalog Parse(Stream json, string origin) => Parse(json, origin, EmbeddedFiles.Open);

    /// <summary>Reads a catalogue from a stream, such as one inside an application's own assembly beside the models that it names.</summary>
    /// <param name="json">The catalogue, JSON in UTF-8.</param>
    /// <param name="origin">What to call it in messages.</param>
    /// <param name="embedded">Opens the file of a source <c>embedded:NAME</c>, whenever it is needed; gives null when there is none of that name.</param>
    /// <exception cref="InvalidCatalogException">Something in it is wrong; the message says where.</exception>
    public static ModelCatalog Parse(Stream json, string origin, Func<string, Stream?> embedded)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(embedded);
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return new(ModelCatalogReader.ReadCatalog(bytes.ToArray(), origin, new(null, embedded)), origin);
    }

    /// <summary>
    /// This catalogue with another one's entries over it. An entry of the other wins as a whole: it takes the place of the entry of its name,
    /// and every name or alias that it claims; what is new comes last.
    /// </summary>
    public ModelCatalog Overlay(ModelCatalog other)
    {
        var cards = new List<ModelCard>();
        foreach (var card in Cards)
        {
            if (!other._byName.TryGetValue(card.Name, out var winner))
                cards.Add(card with { Aliases = [.. card.Aliases.Where(alias => !other._byName.ContainsKey(alias))] });
            else if (!cards.Contains(winner) && winner.Name == card.Name)
                cards.Add(winner);
        }
        cards.AddRange(other.Cards.Where(card => !cards.Contains(card)));
        return new(cards, $"{other.Origin}, over {Origin}");
    }

    /// <summary>The entry of a name or alias, in any case.</summary>
    /// <exception cref="AnnealException">There is none; the message names the nearest ones.</exception>
    public ModelCard Get(string name) =>
        TryGet(name, out var card) ? card : throw new AnnealException($"There is no model '{name}' in {Origin}. {ModelCatalogSuggestion.For(name, this)}");

    /// <summary>The entry of a name or alias, in any case, if there is one.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out ModelCard? card) => _byName.TryGetValue(name, out card);

    private static ModelCatalog ReadBuiltIn()
    {
        using var json = typeof(ModelCatalog).Assembly.GetManifestResourceStream("models.json")
            ?? throw new InvalidOperationException("Anneal.Zoo was built without models.json.");
        return Parse(json, "the built-in catalogue");
    }
}
