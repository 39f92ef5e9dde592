using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// What a model file says of itself, so that it can be used and checked anywhere without a card, a label file or source code beside it. It
/// stands in the file's own metadata (<c>metadata_props</c>) as JSON texts under keys that begin with <c>anneal.</c>:
/// <c>anneal.format</c> (the version of this layout), <c>anneal.card</c>, <c>anneal.classes</c>, <c>anneal.lineage</c> and
/// <c>anneal.golden</c>, beside the keys <c>Image.*</c> that ONNX itself defines (docs/MetadataProps.md) and other tools read.
/// </summary>
public sealed record ModelMetadata
{
    /// <summary>Preprocessing, meaning of the output, licence and the like; null when the file does not say.</summary>
    public ModelCard? Card { get; init; }

    /// <summary>What the classes are called, in the order of the scores; null when the file does not say.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What the weights were made from; null when the file does not say.</summary>
    public Lineage? Lineage { get; init; }

    /// <summary>An input with the answer that it must get; null when the file holds none.</summary>
    public GoldenExample? Golden { get; init; }

    /// <summary>Reads what a file says of itself.</summary>
    /// <param name="metadata">The file's metadata, such as a session's.</param>
    /// <param name="origin">What messages, the card and its labels call the file: its path.</param>
    /// <returns>Null for a file that has none of the keys.</returns>
    /// <exception cref="InvalidModelException">A value is damaged, too large, or of a newer format; the message names its key.</exception>
    public static ModelMetadata? Read(IReadOnlyDictionary<string, string> metadata, string origin)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(origin);
        return MetadataReader.Read(metadata, origin);
    }

    /// <summary>Reads what a model in memory says of itself.</summary>
    /// <returns>Null for a model that has none of the keys.</returns>
    /// <exception cref="InvalidModelException">
    /// A value is damaged, too large, or of a newer format, or a key stands there twice; the message names the key.
    /// </exception>
    /// <inheritdoc cref="Read(IReadOnlyDictionary{string, string}, string)"/>
    public static ModelMetadata? Read(Model model, string origin)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(origin);
        return MetadataReader.Read(model.Metadata, origin);
    }

    /// <summary>
    /// Writes all this into a model in place of whatever it said of itself before; its other metadata stays. The names of the classes always
    /// travel inside, also those of a card that refers to a label set or a label file; the card's file, digest and sources do not, because they
    /// are those of another file. Where there is a card, its preprocessing also decides the standard keys <c>Image.*</c>.
    /// </summary>
    /// <exception cref="AnnealException">
    /// A value cannot be written: it is out of its range or too large, or the card's labels cannot be read or are not those of
    /// <see cref="ClassNames"/>. The model is then as it was.
    /// </exception>
    public void WriteTo(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        MetadataWriter.Write(this, model.Metadata);
    }
}
