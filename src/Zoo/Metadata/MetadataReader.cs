using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// Reads what a file says of itself. A file may come from anyone: lengths are checked before anything is parsed, and nothing in it can name
/// another file.
/// </summary>
internal sealed class MetadataReader
{
    private const int LongestText = 4 << 10;
    private const int MostClasses = 1 << 17;

    private readonly IReadOnlyDictionary<string, string> _entries;
    private readonly string _origin;

    private MetadataReader(IReadOnlyDictionary<string, string> entries, string origin) => (_entries, _origin) = (entries, origin);

    /// <summary>What the entries say, or null when none of them is ours.</summary>
    public static ModelMetadata? Read(IReadOnlyDictionary<string, string> entries, string origin)
    {
        if (!MetadataKey.All.Any(key => entries.ContainsKey(key.Name)))
            return null;
        try
        {
            return new MetadataReader(entries, origin).Read();
        }
        catch (InvalidCatalogException wrong)
        {
            throw new InvalidModelException(wrong.Message, wrong);
        }
    }

    /// <summary>As above, from entries in which a key may stand twice; of ours none may, or two readers would see two models.</summary>
    public static ModelMetadata? Read(Metadata metadata, string origin)
    {
        var entries = new Dictionary<string, string>();
        foreach (var entry in metadata)
            if (!entries.TryAdd(entry.Key, entry.Value) && MetadataKey.All.Any(key => key.Name == entry.Key))
                throw new InvalidModelException($"{origin}, metadata '{entry.Key}': expected it once, found it twice.");
        return Read(entries, origin);
    }

    private ModelMetadata Read()
    {
        RequireFormat();
        var names = ClassNames();
        return new()
        {
            Card = Card() is { } card ? card with { ClassNames = names, Labels = names is null ? card.Labels : null } : null,
            ClassNames = names,
            Lineage = Lineage(),
            Golden = Golden(),
        };
    }

    private void RequireFormat()
    {
        var text = Value(MetadataKey.FormatVersion);
        if (text is null || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var format) || format < 1)
            throw Refuse(MetadataKey.FormatVersion, $"expected the version of the layout, a whole number from 1, found {(text is null ? "no such key" : $"\"{text}\"")}.");
        if (format > MetadataKey.Format)
            throw Refuse(MetadataKey.FormatVersion, $"its layout is version {format}, and {MetadataKey.Format} is the newest that is known here. Update Anneal, or give the model a card: then this is not read.");
    }

    private ModelCard? Card() =>
        Parse(MetadataKey.Card, CatalogJson.Default.ModelCard, out var text) is { } card ? ModelCatalogReader.FinishInside(text, card) with { Origin = _origin } : null;

    private IReadOnlyList<string>? ClassNames()
    {
        var names = Parse(MetadataKey.Classes, CatalogJson.Default.IReadOnlyListString, out var text);
        if (names is { Count: 0 or > MostClasses })
            throw text.Error("", $"1 to {MostClasses} names", $"{names.Count}");
        foreach (var (index, name) in (names ?? []).Index())
            RequireLength(text, $"[{index}]", name);
        return names;
    }

    private Lineage? Lineage()
    {
        if (Parse(MetadataKey.Lineage, CatalogJson.Default.Lineage, out var text) is not { } lineage)
            return null;
        RequireLength(text, "parent", lineage.Parent);
        RequireLength(text, "madeBy", lineage.MadeBy);
        RequireDigest(text, "parentSha256", lineage.ParentSha256);
        RequireDigest(text, "dataSha256", lineage.DataSha256);
        return lineage;
    }

    private GoldenExample? Golden()
    {
        if (Parse(MetadataKey.Golden, CatalogJson.Default.GoldenText, out var text) is not { } golden)
            return null;
        if (golden.Picture is null == golden.Seed is null)
            throw text.Error("", "either a picture or a seed", golden.Seed is null ? "neither" : "both");
        if (golden.Expected.Count is 0 or > GoldenExample.MostExpected)
            throw text.Error("expected", $"1 to {GoldenExample.MostExpected} numbers", $"{golden.Expected.Count}");
        if (golden.Tolerance < 0)
            throw text.Error("tolerance", "a number from 0", $"{golden.Tolerance}");
        return new()
        {
            Picture = golden.Picture is null ? default : Picture(text, golden.Picture),
            Seed = golden.Seed is null ? null : Seed(text, golden.Seed),
            Expected = golden.Expected,
            Tolerance = golden.Tolerance,
        };
    }

    private static byte[] Picture(ModelCatalogText text, string base64)
    {
        var bytes = new byte[GoldenExample.LargestPicture];
        return base64.Length <= (GoldenExample.LargestPicture + 2) / 3 * 4 && Convert.TryFromBase64String(base64, bytes, out var length) && length > 0
            ? bytes[..length]
            : throw text.Error("picture", $"a picture of 1 to {GoldenExample.LargestPicture} bytes in base64", $"{base64.Length} characters that are none");
    }

    private static ulong Seed(ModelCatalogText text, string digits) => ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
        ? seed
        : throw text.Error("seed", "a whole number from 0 to 18446744073709551615 in quotes", $"\"{(digits.Length > 40 ? $"{digits[..40]}…" : digits)}\"");

    private static void RequireLength(ModelCatalogText text, string member, string? value)
    {
        if (value?.Length > LongestText)
            throw text.Error(member, $"a text of at most {LongestText} characters", $"{value.Length}");
    }

    private static void RequireDigest(ModelCatalogText text, string member, string? digest)
    {
        if (digest is not null && (digest.Length != 64 || !digest.All(char.IsAsciiHexDigitLower)))
            throw text.Error(member, "64 lower-case hexadecimal digits", $"{digest.Length} characters that are none");
    }

    /// <summary>The value of a key as the type that it stands for, or null when the key is not there.</summary>
    private T? Parse<T>(MetadataKey key, JsonTypeInfo<T> type, out ModelCatalogText text) where T : class
    {
        var value = Value(key);
        text = new(Encoding.UTF8.GetBytes(value ?? ""), $"{_origin}, metadata '{key.Name}'");
        if (value is null)
            return null;
        var root = text.Parse();
        ModelCatalogShape.Check(text, root, typeof(T));
        return root.Deserialize(type);
    }

    private string? Value(MetadataKey key)
    {
        if (!_entries.TryGetValue(key.Name, out var value))
            return null;
        return value.Length <= key.LongestValue ? value : throw Refuse(key, $"expected at most {key.LongestValue} characters, found {value.Length}.");
    }

    private InvalidModelException Refuse(MetadataKey key, string why) => new($"{_origin}, metadata '{key.Name}': {why}");
}
