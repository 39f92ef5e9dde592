using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Anneal.Zoo;

/// <summary>
/// Compares JSON with the members, kinds and "must be there" of the types it is to become, before anything is made of it, so that every
/// mistake gets a sentence of ours. The types' generated metadata is the only list; a new member of a card needs nothing here.
/// </summary>
internal static class ModelCatalogShape
{
    private static readonly ConcurrentDictionary<Type, Dictionary<string, JsonPropertyInfo>> MembersOf = new();
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<string>> WordsOf = new();

    /// <summary>Throws unless the element can become the type.</summary>
    public static void Check(ModelCatalogText text, JsonElement element, Type type, string path = "")
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var info = CatalogJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"CatalogJson does not know {type}.");
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(text, element, info, path);
                break;
            case JsonTypeInfoKind.Enumerable:
                Demand(text, element, path, JsonValueKind.Array, "a list");
                foreach (var (index, item) in element.EnumerateArray().Index())
                    Check(text, item, info.ElementType!, $"{path}[{index}]");
                break;
            case JsonTypeInfoKind.Dictionary:
                Demand(text, element, path, JsonValueKind.Object, "an object");
                foreach (var member in Members(text, element, path))
                    Check(text, member.Value, info.ElementType!, ModelCatalogText.Join(path, member.Name));
                break;
            default:
                CheckScalar(text, element, type, path);
                break;
        }
    }

    private static void CheckObject(ModelCatalogText text, JsonElement element, JsonTypeInfo info, string path)
    {
        Demand(text, element, path, JsonValueKind.Object, "an object");
        var known = MembersOf.GetOrAdd(info.Type, static (_, type) => type.Properties
            .Where(member => member.Set is not null || member.AssociatedParameter is not null).ToDictionary(member => member.Name), info);
        foreach (var member in Members(text, element, path))
        {
            if (path.Length == 0 && member.Name == "$schema")
                continue;
            if (!known.TryGetValue(member.Name, out var property))
                throw text.Error(ModelCatalogText.Join(path, member.Name), $"one of the members {string.Join(", ", known.Keys)}", "this unknown one");
            Check(text, member.Value, property.PropertyType, ModelCatalogText.Join(path, member.Name));
        }
        foreach (var property in known.Values)
            if (property.IsRequired && !element.TryGetProperty(property.Name, out _))
                throw text.Error(ModelCatalogText.Join(path, property.Name), Describe(property.PropertyType), "nothing: this member is missing");
    }

    /// <summary>The members of an object, each name at most once.</summary>
    private static IEnumerable<JsonProperty> Members(ModelCatalogText text, JsonElement element, string path)
    {
        var seen = new HashSet<string>();
        foreach (var member in element.EnumerateObject())
        {
            if (!seen.Add(member.Name))
                throw text.Error(ModelCatalogText.Join(path, member.Name), "it once", "it twice in the same object");
            yield return member;
        }
    }

    private static void CheckScalar(ModelCatalogText text, JsonElement element, Type type, string path)
    {
        var fits = element.ValueKind switch
        {
            JsonValueKind.String when type == typeof(string) => !string.IsNullOrWhiteSpace(element.GetString()),
            JsonValueKind.String when type == typeof(Uri) => Uri.TryCreate(element.GetString(), UriKind.RelativeOrAbsolute, out _),
            JsonValueKind.String when type.IsEnum => Words(type).Contains(element.GetString()),
            JsonValueKind.Number when type == typeof(int) => element.TryGetInt32(out _),
            JsonValueKind.Number when type == typeof(long) => element.TryGetInt64(out _),
            JsonValueKind.Number when type == typeof(float) => element.TryGetSingle(out var number) && float.IsFinite(number),
            JsonValueKind.Number when type == typeof(double) => element.TryGetDouble(out var number) && double.IsFinite(number),
            _ => false,
        };
        if (!fits)
            throw text.Error(path, Describe(type), Show(element));
    }

    private static void Demand(ModelCatalogText text, JsonElement element, string path, JsonValueKind kind, string expected)
    {
        if (element.ValueKind != kind)
            throw text.Error(path, expected, Show(element));
    }

    private static string Describe(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            { IsEnum: true } => $"one of {string.Join(", ", Words(type).Select(word => $"\"{word}\""))}",
            _ when type == typeof(string) => "a text",
            _ when type == typeof(Uri) => "an address in quotes",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when type == typeof(float) || type == typeof(double) => "a number",
            _ => CatalogJson.Default.GetTypeInfo(type)?.Kind is JsonTypeInfoKind.Enumerable ? "a list" : "an object",
        };
    }

    private static IReadOnlyList<string> Words(Type type) =>
        WordsOf.GetOrAdd(type, static type => [.. Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)]);

    /// <summary>The element's own text, cut where it gets long.</summary>
    private static string Show(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            return element.ValueKind is JsonValueKind.Object ? "an object" : "a list";
        if (element.ValueKind is JsonValueKind.Null)
            return "null (leave the member out instead)";
        var raw = element.GetRawText();
        return raw.Length <= 80 ? raw : $"{raw[..80]}…";
    }
}
