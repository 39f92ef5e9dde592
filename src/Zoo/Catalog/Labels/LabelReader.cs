using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Anneal.Zoo;

/// <summary>Reads the forms in which label files come; refuses what would put a text beside the wrong score.</summary>
internal static class LabelReader
{
    private const long LimitBytes = 16L << 20;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    public static IReadOnlyList<Label> Read(string path)
    {
        try
        {
            if (!File.Exists(path))
                throw new InvalidCatalogException($"There is no label file at {path}.");
            if (new FileInfo(path).Length is > LimitBytes and var length)
                throw new InvalidCatalogException($"{path} has {length} bytes; a label file has at most {LimitBytes}.");
            return Parse(File.ReadAllText(path, Strict), path);
        }
        catch (DecoderFallbackException bad)
        {
            throw new InvalidCatalogException($"{path} is no UTF-8 text; a label file has a line for each class, or is JSON.", bad);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new InvalidCatalogException($"The label file {path} cannot be read: {trouble.Message}", trouble);
        }
    }

    /// <summary>Reads a text in any of the forms.</summary>
    public static IReadOnlyList<Label> Parse(string text, string origin)
    {
        var labels = text.AsSpan().TrimStart() is ['{' or '[', ..] ? FromJson(text, origin) : FromLines(text, origin);
        return labels.Count > 0 ? labels : throw new InvalidCatalogException($"{origin} holds no labels.");
    }

    private static List<Label> FromLines(string text, string origin)
    {
        var lines = text.TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        if (lines is [""])
            return [];
        var withIds = lines.All(StartsWithId);
        var labels = new List<Label>(lines.Length);
        foreach (var (index, line) in lines.Index())
        {
            if (line.Length == 0)
                throw new InvalidCatalogException($"{origin}, line {index + 1}: expected the text of class {index}, found an empty line, which would shift all classes after it.");
            labels.Add(withIds ? new(line[IdLength..].Trim(), line[..IdLength]) : new(line, null));
        }
        return labels;
    }

    private const int IdLength = 9;

    /// <summary>Whether a line begins with a WordNet id: <c>n</c> and eight digits, then a blank and a text.</summary>
    private static bool StartsWithId(string line) =>
        line.Length > IdLength + 1 && line[0] is 'n' && line.AsSpan(1, IdLength - 1).IndexOfAnyExceptInRange('0', '9') < 0 && line[IdLength] is ' ' or '\t';

    private static List<Label> FromJson(string text, string origin)
    {
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return json.RootElement.ValueKind is JsonValueKind.Array ? FromList(json.RootElement, origin) : FromMap(json.RootElement, origin);
        }
        catch (JsonException bad)
        {
            var reason = bad.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new InvalidCatalogException($"{origin}, line {bad.LineNumber + 1}: this begins like JSON and is none. {reason}.", bad);
        }
    }

    private static List<Label> FromList(JsonElement list, string origin) =>
        [.. list.EnumerateArray().Select((item, index) => new Label(Text(item, $"{index}", origin), null))];

    private static List<Label> FromMap(JsonElement map, string origin)
    {
        var labels = new SortedDictionary<int, Label>();
        foreach (var member in map.EnumerateObject())
        {
            if (!int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                throw new InvalidCatalogException($"{origin}: expected class numbers from 0 as the names of the members, found \"{member.Name}\".");
            if (!labels.TryAdd(index, new(Text(member.Value, member.Name, origin), null)))
                throw new InvalidCatalogException($"{origin}: expected each class once, found class {index} twice.");
        }
        foreach (var (place, index) in labels.Keys.Index())
            if (place != index)
                throw new InvalidCatalogException($"{origin}: expected the classes 0 to {labels.Count - 1} without a gap, found no class {place}.");
        return [.. labels.Values];
    }

    private static string Text(JsonElement item, string index, string origin) =>
        item.ValueKind is JsonValueKind.String && item.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim()
            : throw new InvalidCatalogException($"{origin}: expected the text of class {index}, found {item.GetRawText()}.");
}
