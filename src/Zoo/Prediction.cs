namespace Anneal.Zoo;

/// <summary>One answer of a classifier.</summary>
/// <param name="Index">The class, counted from 0 in the model's own order.</param>
/// <param name="Label">The name of the class, or null when the model's card names no labels.</param>
/// <param name="Probability">How sure the model is, 0 to 1; all classes together make 1.</param>
public sealed record Prediction(int Index, string? Label, float Probability);

/// <summary>What a classifier says of one input.</summary>
/// <param name="File">The input as it was given.</param>
/// <param name="Predictions">The best classes, best first; empty when <paramref name="Error"/> is set.</param>
/// <param name="Error">Null when all went well; otherwise one sentence that names the file and the reason.</param>
/// <param name="Warnings">What a person should know although an answer was given, such as a rotation that the card ignores.</param>
public sealed record Classification(string File, IReadOnlyList<Prediction> Predictions, string? Error, IReadOnlyList<string> Warnings);
