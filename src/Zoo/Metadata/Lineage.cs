namespace Anneal.Zoo;

/// <summary>
/// What a file's weights were made from and how well they did. There are neither dates nor durations in it: the same training must give
/// the same bytes.
/// </summary>
public sealed record Lineage
{
    /// <summary>The model that training began with, as a person calls it: <c>squeezenet1.1</c>. Null when there was none.</summary>
    public string? Parent { get; init; }

    /// <summary>The SHA-256 of the parent's file: 64 lower-case hexadecimal digits.</summary>
    public string? ParentSha256 { get; init; }

    /// <summary>The SHA-256 that stands for the data of the training: 64 lower-case hexadecimal digits.</summary>
    public string? DataSha256 { get; init; }

    /// <summary>How it was trained, in whatever form its maker can read again: a sentence, a command line, or JSON.</summary>
    public string? Recipe { get; init; }

    /// <summary>What was measured, by name: <c>top1</c> → 0.95. Finite numbers; written in the order of their names.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init => field = value ?? new Dictionary<string, double>(); } = new Dictionary<string, double>();

    /// <summary>The program that made the file, with its version.</summary>
    public string? MadeBy { get; init; }
}
