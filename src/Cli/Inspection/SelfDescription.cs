using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Inspection;

/// <summary>What a model file says of itself, as far as it can be read.</summary>
internal sealed class SelfDescription
{
    private SelfDescription(ModelMetadata? facts, string? problem) => (Facts, Problem) = (facts, problem);

    /// <summary>What it says, or null when it says nothing or nothing that can be read.</summary>
    public ModelMetadata? Facts { get; }

    /// <summary>Why what it says cannot be read, or null.</summary>
    public string? Problem { get; }

    /// <summary>Reads it; a file whose description is damaged can still be looked into.</summary>
    public static SelfDescription Of(Model model, string path)
    {
        try
        {
            return new(ModelMetadata.Read(model, path), null);
        }
        catch (InvalidModelException damaged)
        {
            return new(null, damaged.Message);
        }
    }

    /// <summary>Whether an entry of the metadata is shown by this instead of as it stands.</summary>
    public bool Covers(MetadataEntry entry) => Facts is not null && entry.Key.StartsWith("anneal.", StringComparison.Ordinal);
}
