using System.Text.Json;
using System.Text.Unicode;

namespace Anneal.Zoo;

/// <summary>The text of a catalogue or card file, and the errors that name a place in it.</summary>
/// <param name="utf8">The whole file.</param>
/// <param name="origin">What to call it in messages.</param>
internal sealed class ModelCatalogText(ReadOnlyMemory<byte> utf8, string origin)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 };
    private readonly ReadOnlyMemory<byte> _utf8 = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
    private JsonElement _root;

    /// <summary>What to call the file in messages.</summary>
    public string Origin => origin;

    /// <summary>The object that the file holds; comments and trailing commas are accepted.</summary>
    public JsonElement Parse()
    {
        if (!Utf8.IsValid(_utf8.Span))
            throw new InvalidCatalogException($"{origin} is no UTF-8 text; a catalogue is JSON in UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(_utf8, Lenient);
            _root = document.RootElement.Clone();
        }
        catch (JsonException bad)
        {
            var reason = bad.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new InvalidCatalogException($"{origin}, line {bad.LineNumber + 1}, byte {bad.BytePositionInLine + 1}: this is no JSON. {reason}.", bad);
        }
        return _root;
    }

    /// <summary>An error about one member.</summary>
    /// <param name="path">The place, as in <c>models[3].file.sha256</c>; empty for the whole file.</param>
    /// <param name="expected">What should be there, to follow "expected".</param>
    /// <param name="found">What is there, to follow "found".</param>
    public InvalidCatalogException Error(string path, string expected, string found)
    {
        var (entry, member) = Split(path);
        var words = new List<string>();
        if (LineOf(path) is { } line)
            words.Add($"line {line}");
        if (entry is not null)
            words.Add($"entry {entry}");
        if (member.Length > 0)
            words.Add($"member '{member}'");
        return new InvalidCatalogException($"{string.Join(", ", [origin, .. words])}: expected {expected}, found {found}.");
    }

    /// <summary>The entry's name and the member's path inside it; for a file that is one card, that card is the entry.</summary>
    private (string? Entry, string Member) Split(string path)
    {
        if (!path.StartsWith("models[", StringComparison.Ordinal))
            return (NameOf(_root), path);
        var close = path.IndexOf(']', StringComparison.Ordinal);
        var index = int.Parse(path.AsSpan(7, close - 7), System.Globalization.CultureInfo.InvariantCulture);
        return (NameOf(_root.GetProperty("models")[index]) ?? $"number {index + 1}", path[(close + 1)..].TrimStart('.'));
    }

    private static string? NameOf(JsonElement card) =>
        card.ValueKind is JsonValueKind.Object && card.TryGetProperty("name", out var name) && name.ValueKind is JsonValueKind.String
            ? $"'{name.GetString()}'" : null;

    /// <summary>The line, counted from 1, on which a member stands; a member that is missing stands where its owner starts.</summary>
    private int? LineOf(string path)
    {
        for (; path.Length > 0; path = path[..Math.Max(path.LastIndexOf('.'), 0)])
            if (OffsetOf(path) is { } offset)
                return 1 + _utf8.Span[..offset].Count((byte)'\n');
        return null;
    }

    private int? OffsetOf(string path)
    {
        var reader = new Utf8JsonReader(_utf8.Span, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var open = new Stack<(string Path, int Next)>();
        var here = "";
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                open.Pop();
                continue;
            }
            if (reader.TokenType is JsonTokenType.PropertyName)
                here = Join(open.Peek().Path, reader.GetString()!);
            else if (open.TryPeek(out var list) && list.Next >= 0)
            {
                here = $"{list.Path}[{list.Next}]";
                open.Pop();
                open.Push((list.Path, list.Next + 1));
            }
            if (here == path)
                return (int)reader.TokenStartIndex;
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                open.Push((here, reader.TokenType is JsonTokenType.StartArray ? 0 : -1));
        }
        return null;
    }

    /// <summary>The path of a member of what stands at <paramref name="owner"/>.</summary>
    public static string Join(string owner, string member) => owner.Length == 0 ? member : $"{owner}.{member}";
}
