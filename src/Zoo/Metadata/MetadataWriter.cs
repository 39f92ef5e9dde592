using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>Writes what a file says of itself into its metadata: the same facts always as the same text.</summary>
internal static class MetadataWriter
{
    /// <summary>Facts that are about a card's file, which is another one than the file that is written.</summary>
    private static readonly string[] FactsOfTheFile = ["file", "sources", "opset", "weights", "labels"];

    // Numbers that JSON does not know come out as words, so that reading them back refuses them with their place.
    private static readonly CatalogJson Json = new(new JsonSerializerOptions(CatalogJson.Default.Options)
    {
        WriteIndented = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    });

    /// <summary>Replaces what the metadata says of the file; nothing changes when a value cannot be written.</summary>
    public static void Write(ModelMetadata facts, Metadata metadata)
    {
        var entries = Entries(facts);
        RequireReadable(entries);
        foreach (var key in metadata.Select(entry => entry.Key).Where(key => key.StartsWith(MetadataKey.Prefix, StringComparison.Ordinal)).ToList())
            metadata[key] = null;
        foreach (var (key, value) in entries)
            metadata[key] = value;
        if (facts.Card is { } card)
            ImageProperties.Write(card.Preprocessing, metadata);
    }

    private static Dictionary<string, string> Entries(ModelMetadata facts)
    {
        var names = ClassNames(facts);
        (MetadataKey Key, string? Value)[] all =
        [
            (MetadataKey.FormatVersion, $"{MetadataKey.Format}"),
            (MetadataKey.Card, Text(facts.Card is { } card ? Portable(card) : null, Json.ModelCard)),
            (MetadataKey.Classes, Text(names, Json.IReadOnlyListString)),
            (MetadataKey.Lineage, Text(facts.Lineage is { } lineage ? Ordered(lineage) : null, Json.Lineage)),
            (MetadataKey.Golden, Text(facts.Golden is { } golden ? GoldenText.Of(golden) : null, Json.GoldenText)),
        ];
        return all.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key.Name, entry => entry.Value!);
    }

    /// <summary>The names that were given, or those of the card.</summary>
    private static IReadOnlyList<string>? ClassNames(ModelMetadata facts)
    {
        var labels = facts.Card?.LoadLabels();
        if (facts.ClassNames is { } names && labels is not null && !names.SequenceEqual(labels))
            throw new AnnealException($"The classes are called otherwise in the metadata ({names.Count} names) than in its card '{facts.Card!.Name}' ({labels.Count}: {labels.Origin}). Take the labels out of the card, or give no names beside it.");
        return facts.ClassNames ?? labels?.ToList();
    }

    /// <summary>The card without what holds for another file or another machine only.</summary>
    private static ModelCard Portable(ModelCard card) => card with
    {
        File = null,
        Weights = null,
        Opset = null,
        Labels = null,
        ClassNames = null,
        Evidence = card.Evidence.Where(fact => !FactsOfTheFile.Contains(fact.Key)).OrderBy(fact => fact.Key, StringComparer.Ordinal).ToDictionary(),
    };

    private static Lineage Ordered(Lineage lineage) =>
        lineage with { Metrics = lineage.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).ToDictionary() };

    private static string? Text<T>(T? value, JsonTypeInfo<T> type) where T : class => value is null ? null : JsonSerializer.Serialize(value, type);

    private static void RequireReadable(Dictionary<string, string> entries)
    {
        try
        {
            MetadataReader.Read(entries, "What is to be written");
        }
        catch (InvalidModelException unreadable)
        {
            throw new AnnealException(unreadable.Message, unreadable);
        }
    }
}
