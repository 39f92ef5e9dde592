using System.Text.Json;

namespace Anneal.Zoo;

/// <summary>A model in a bundle.</summary>
/// <param name="Name">The name it is loaded by.</param>
/// <param name="File">Its digest, size and sources.</param>
/// <param name="CardJson">Its catalogue entry as JSON, or null for a bare file.</param>
public sealed record BundledModel(string Name, ModelFile File, string? CardJson = null);

/// <summary>The first entry of a bundle.</summary>
internal sealed record BundleManifest(string Format, int Version, IReadOnlyList<BundleEntry> Models)
{
    /// <summary>What <see cref="Format"/> must be.</summary>
    public const string FormatName = "anneal-bundle";
}

/// <summary>One model of the manifest.</summary>
internal sealed record BundleEntry(string Name, string Sha256, long SizeBytes, IReadOnlyList<string> Sources, JsonElement? Card);
