namespace Anneal.Zoo;

/// <summary>Makes what a card says relative to its own place absolute: <c>file:</c> and <c>embedded:</c> sources, and label files.</summary>
internal static class ModelCatalogPlaces
{
    private const string Embedded = "embedded:";

    /// <summary>The card with full addresses and paths.</summary>
    public static ModelCard Resolve(ModelCatalogText text, ModelCard card, string path, CatalogPlace place)
    {
        if (card.File is { } file)
            card = card with { File = Resolve(text, file, Member(path, "file.sources"), place) };
        if (card.Labels is { } labels && !Labels.IsShipped(labels))
            card = card with { Labels = LabelFile(text, labels, Member(path, "labels"), place.Folder) };
        return card;
    }

    private static ModelFile Resolve(ModelCatalogText text, ModelFile file, string path, CatalogPlace place)
    {
        var name = file.Sources.Select(source => source.OriginalString).FirstOrDefault(IsEmbedded)?[Embedded.Length..];
        if (name is not null && file.Sources.Count > 1)
            throw text.Error(path, "no other address beside that of an embedded file", $"{file.Sources.Count}");
        return file with
        {
            Sources = [.. file.Sources.Select((source, i) => Source(text, source, $"{path}[{i}]", place))],
            Embedded = name is null ? null : () => place.Embedded(name) ?? throw new InvalidOperationException($"The embedded file {name} is gone."),
        };
    }

    private static Uri Source(ModelCatalogText text, Uri source, string path, CatalogPlace place)
    {
        var written = source.OriginalString;
        if (IsEmbedded(written))
            return RequireEmbedded(text, source, path, place);
        if (written.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && !written.StartsWith("file:/", StringComparison.OrdinalIgnoreCase))
            return new Uri(Path.GetFullPath(Uri.UnescapeDataString(written[5..]), Folder(text, path, written, place.Folder)));
        if (source.IsAbsoluteUri && written.Contains(':', StringComparison.Ordinal) && source.Scheme is "https" or "http" or "file" && (source.IsFile || source.Host.Length > 0))
            return source;
        throw text.Error(path, "an address that begins with https:, http: or file: (file:NAME for a file beside the catalogue), or embedded:NAME", $"\"{written}\"");
    }

    private static bool IsEmbedded(string written) => written.StartsWith(Embedded, StringComparison.Ordinal);

    private static Uri RequireEmbedded(ModelCatalogText text, Uri source, string path, CatalogPlace place)
    {
        using var stream = place.Embedded(source.OriginalString[Embedded.Length..]);
        return stream is not null ? source : throw text.Error(path, "the name of a file that is embedded", $"\"{source.OriginalString}\"");
    }

    private static string LabelFile(ModelCatalogText text, string labels, string path, string? folder)
    {
        var full = Path.IsPathRooted(labels) ? labels : Path.GetFullPath(labels, Folder(text, path, labels, folder));
        return File.Exists(full) ? full
            : throw text.Error(path, $"a label set that ships with the zoo ({string.Join(", ", Labels.Names)}) or a file", $"\"{labels}\", and there is no file {full}");
    }

    private static string Folder(ModelCatalogText text, string path, string written, string? folder) =>
        folder ?? throw text.Error(path, "an absolute address or path, since this catalogue was not read from a folder", $"\"{written}\"");

    private static string Member(string path, string member) => ModelCatalogText.Join(path, member);
}
