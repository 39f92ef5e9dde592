namespace Anneal.Zoo;

/// <summary>How many inputs are classified. Every default is stated here.</summary>
public sealed record ClassifyOptions
{
    /// <summary>How many classes are answered for each input, best first. Default 5. At least 1; more than there are classes means all.</summary>
    public int Top { get; init; } = 5;

    /// <summary>
    /// How many pictures go through the model at once. Default 0: one on a CPU, where more do not make it faster, 32 on a GPU; always the
    /// model's own number where the file fixes it. Range 0 to 4,096.
    /// </summary>
    public int Batch { get; init; }
}
