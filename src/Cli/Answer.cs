using System.Globalization;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>What is said of one input.</summary>
/// <param name="File">The input, spelled as it was given or found.</param>
/// <param name="Predictions">The best classes, best first; empty when there is an error.</param>
/// <param name="Error">Null when all went well.</param>
internal sealed record Answer(string File, IReadOnlyList<Prediction> Predictions, string? Error)
{
    /// <summary>The class in words, or its number when the model's card names no labels.</summary>
    public static string NameOf(Prediction prediction) => prediction.Label is { } label ? Screen.Printable(label) : $"class {prediction.Index}";

    /// <summary>The probability in percent, in a column of its own.</summary>
    public static string PercentOf(Prediction prediction) => string.Create(CultureInfo.InvariantCulture, $"{100 * prediction.Probability,6:0.00} %");
}

/// <summary>How answers are shown, one by one as they come.</summary>
internal interface IAnswerWriter
{
    void Write(Answer answer);
}
