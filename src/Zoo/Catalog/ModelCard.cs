using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Anneal.Zoo;

/// <summary>
/// What is known of one pretrained model: one object in <c>models.json</c>, whose schema is <c>models.schema.json</c>. Every fact that can be
/// wrong carries how sure it is.
/// </summary>
public sealed record ModelCard
{
    /// <summary>The name it is loaded by: lower case, digits, dots and dashes.</summary>
    public required string Name { get; init; }

    /// <summary>Other names for the same entry, such as the exact name of its file: <c>resnet101-v1-7</c>.</summary>
    /// <remarks>Generated JSON code assigns null to an init member that the file leaves out; the three collections here turn that into none.</remarks>
    public IReadOnlyList<string> Aliases { get; init => field = value ?? []; } = [];

    /// <summary>One line for a list.</summary>
    public required string Summary { get; init; }

    /// <summary>The file: digest, size and where to find it. Null for a card that only describes preprocessing and labels.</summary>
    public ModelFile? File { get; init; }

    /// <summary>The version of ONNX's operators that the file is said to use, or null when it is to be read from the file.</summary>
    public int? Opset { get; init; }

    /// <summary>The picture's input: name and shape [N,C,H,W] or [N,H,W,C], -1 for an open extent. Null means: read it from the file.</summary>
    public CardTensor? Input { get; init; }

    /// <summary>The scores' output: name and shape. Null means: read it from the file.</summary>
    public CardTensor? Output { get; init; }

    /// <summary>Whether the output holds scores (softmax still to be taken) or probabilities.</summary>
    public required OutputKind OutputKind { get; init; }

    /// <summary>How a picture becomes the input.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>
    /// The name of a label set that ships with the zoo (<c>imagenet-1000</c>), or a file: written relative to the folder of the card, and
    /// a full path once read. Null when nobody has said what the classes are.
    /// </summary>
    public string? Labels { get; init; }

    /// <summary>What the classes are called, in the order of the scores, where the card says it itself instead of by <see cref="Labels"/>; else null.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Published accuracies, none of them measured here unless it says so.</summary>
    public IReadOnlyList<Accuracy> Accuracy { get; init => field = value ?? []; } = [];

    /// <summary>The licence of the weights and who asserts it.</summary>
    public Licence? Licence { get; init; }

    /// <summary>Whether the weights are known to be trained ones. Null for a card without a file, never otherwise.</summary>
    public WeightsStatus? Weights { get; init; }

    /// <summary>How sure each fact is: fact name (<c>preprocessing</c>, <c>sources</c>, <c>accuracy</c> …) to evidence.</summary>
    public IReadOnlyDictionary<string, Evidence> Evidence { get; init => field = value ?? new Dictionary<string, Evidence>(); } = new Dictionary<string, Evidence>();

    /// <summary>Where this card was read: the path of a file, or words for what is built in. Not part of the JSON.</summary>
    [JsonIgnore]
    public string Origin { get; init; } = "";

    /// <summary>Reads a file that holds one card; <c>file:</c> sources and label files are relative to its folder.</summary>
    /// <exception cref="InvalidCatalogException">The file cannot be read, or something in it is wrong; the message says where.</exception>
    public static ModelCard Load(string path) => ModelCatalogReader.ReadCard(path);

    /// <summary>The card as JSON, in the form that <see cref="Load"/> reads; files that it names are full paths.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CatalogJson.Default.ModelCard);

    /// <summary>The texts of the classes, or null when the card names none.</summary>
    /// <exception cref="Onnx.AnnealException">The labels cannot be read, or are not as many as the output's classes.</exception>
    public Labels? LoadLabels()
    {
        var labels = this switch
        {
            { ClassNames: { } names } => Zoo.Labels.FromNames(names, Origin.Length > 0 ? Origin : $"the card '{Name}'"),
            { Labels: { } name } => Zoo.Labels.IsShipped(name) ? Zoo.Labels.Get(name) : Zoo.Labels.FromFile(name),
            _ => null,
        };
        if (labels is not null && Output is { Classes: > 0 and var classes } && classes != labels.Count)
            throw new InvalidCatalogException(
                $"The card '{Name}' ({Origin}) states {classes} classes for output '{Output.Name}', but its labels '{labels.Origin}' have {labels.Count}.");
        return labels;
    }
}

/// <summary>A file that is known by its digest.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="SizeBytes">Its exact length.</param>
/// <param name="Sources">
/// Addresses (<c>https:</c>, <c>http:</c>, <c>file:</c>) in the order to try them, or <c>embedded:NAME</c> for a file inside an assembly.
/// </param>
public sealed record ModelFile(string Sha256, long SizeBytes, IReadOnlyList<Uri> Sources)
{
    /// <summary>
    /// Whether the file is inside an assembly (a source <c>embedded:NAME</c>): it is loaded without a network and without being written anywhere.
    /// </summary>
    [JsonIgnore]
    public bool IsEmbedded => Embedded is not null;

    /// <summary>Opens the file inside the assembly; null for one that has to be fetched.</summary>
    [JsonIgnore]
    internal Func<Stream>? Embedded { get; init; }

    /// <summary>The bytes of a file inside an assembly, checked.</summary>
    /// <param name="what">What it is called in messages.</param>
    /// <exception cref="ModelUnavailableException">They are not those that the digest stands for.</exception>
    internal byte[] ReadEmbedded(string what)
    {
        using var stream = (Embedded ?? throw new InvalidOperationException($"{what} is not embedded."))();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var received = Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return received == Sha256 && bytes.Length == SizeBytes
            ? bytes.ToArray()
            : throw new ModelUnavailableException(
                $"{what}: the embedded file is another one than its card states: expected sha256 {Sha256} and {SizeBytes} bytes, found {received} and {bytes.Length}. Correct the card, or embed the right file.");
    }
}

/// <summary>An input or output as a card states it.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its extents, -1 for an open one.</param>
public sealed record CardTensor(string Name, IReadOnlyList<long> Shape)
{
    /// <summary>For an output of shape [N,classes] or [N,classes,1,1]: the number of classes, -1 when it is open or there is no such axis.</summary>
    [JsonIgnore]
    public long Classes => Shape.Count > 1 ? Shape[1] : -1;
}

/// <summary>What a classifier's output means.</summary>
public enum OutputKind
{
    /// <summary>Scores before softmax.</summary>
    Logits,

    /// <summary>Probabilities that sum to one.</summary>
    Probabilities,
}

/// <summary>A published accuracy.</summary>
/// <param name="Dataset">What it was measured on.</param>
/// <param name="Top1">Percent of pictures whose first answer is right.</param>
/// <param name="Source">Who published it.</param>
/// <param name="Top5">Percent of pictures with the right answer among the first five, or null when not published.</param>
public sealed record Accuracy(string Dataset, double Top1, string Source, double? Top5 = null);

/// <summary>The licence of the weights.</summary>
/// <param name="Id">An SPDX identifier.</param>
/// <param name="AssertedBy">Who says so.</param>
/// <param name="Note">A conflict or a doubt, or null.</param>
public sealed record Licence(string Id, string AssertedBy, string? Note = null);

/// <summary>Whether weights are known to be trained.</summary>
public enum WeightsStatus
{
    /// <summary>Published as trained, checked weights.</summary>
    Published,

    /// <summary>The evidence points both ways: refused unless unverified weights are allowed.</summary>
    Unverified,
}

/// <summary>How sure a fact is.</summary>
/// <param name="Confidence">How sure.</param>
/// <param name="Basis">What the fact rests on, in a phrase.</param>
public sealed record Evidence(Confidence Confidence, string Basis);

/// <summary>Levels of sureness.</summary>
public enum Confidence
{
    /// <summary>Read in the publisher's own pages or files.</summary>
    Stated,

    /// <summary>Seen in independent public use, such as a script that produced the published accuracy.</summary>
    Observed,

    /// <summary>The habit of the family or a pattern that other files follow; not seen for this one.</summary>
    Assumed,
}
