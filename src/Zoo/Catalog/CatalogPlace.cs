namespace Anneal.Zoo;

/// <summary>Where a catalogue or card was found: what its relative names are relative to.</summary>
/// <param name="Folder">The folder of <c>file:</c> sources and label files; null for a catalogue that was not read from a file.</param>
/// <param name="Embedded">Opens the file of a source <c>embedded:NAME</c>; gives null when there is none.</param>
internal sealed record CatalogPlace(string? Folder, Func<string, Stream?> Embedded)
{
    /// <summary>The place of a file in a folder, or of text without one; embedded files are this library's.</summary>
    public static CatalogPlace In(string? folder) => new(folder, EmbeddedFiles.Open);
}
