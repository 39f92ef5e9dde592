namespace Anneal.Zoo;

/// <summary>Makes what a card says relative to its own folder absolute: <c>file:</c> sources and label files.</summary>
internal static class ModelCatalogPlaces
{
    /// <summary>The card with full addresses and paths.</summary>
    public static ModelCard Resolve(ModelCatalogText text, ModelCard card, string path, string? folder)
    {
        if (card.File is { } file)
            card = card with { File = file with { Sources = [.. file.Sources.Select((source, i) => Source(text, source, $"{Member(path, "file.sources")}[{i}]", folder))] } };
        if (card.Labels is { } labels && !Labels.IsShipped(labels))
            card = card with { Labels = LabelFile(text, labels, Member(path, "labels"), folder) };
        return card;
    }

    private static Uri Source(ModelCatalogText text, Uri source, string path, string? folder)
    {
        var written = source.OriginalString;
        if (written.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && !written.StartsWith("file:/", StringComparison.OrdinalIgnoreCase))
            return new Uri(Path.GetFullPath(Uri.UnescapeDataString(written[5..]), Folder(text, path, written, folder)));
        if (source.IsAbsoluteUri && written.Contains(':', StringComparison.Ordinal) && source.Scheme is "https" or "http" or "file" && (source.IsFile || source.Host.Length > 0))
            return source;
        throw text.Error(path, "an address that begins with https:, http: or file: (file:NAME for a file beside the catalogue)", $"\"{written}\"");
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
