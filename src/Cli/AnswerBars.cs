using Spectre.Console;

namespace Anneal.Cli;

/// <summary>Answers for eyes: the file, and under it each class with a bar as long as the model is sure.</summary>
internal sealed class AnswerBars(Screen screen) : IAnswerWriter
{
    private const int FullBar = 24;

    public void Write(Answer answer)
    {
        screen.Rich.MarkupLineInterpolated($"[bold]{Screen.Printable(answer.File)}[/]");
        if (answer.Error is { } error)
            screen.Rich.MarkupLineInterpolated($"  [red]{Screen.Printable(error)}[/]");
        foreach (var prediction in answer.Predictions)
            screen.Rich.MarkupLineInterpolated($"  [green]{Bar(prediction.Probability)}[/] {Answer.PercentOf(prediction)}  {Answer.NameOf(prediction)}");
    }

    /// <summary>Eighths of a character, so that small differences show.</summary>
    private static string Bar(float probability)
    {
        var eighths = (int)Math.Round(8 * FullBar * Math.Clamp(probability, 0, 1));
        var rest = eighths % 8 == 0 ? "" : ((char)('\u2590' - eighths % 8)).ToString();
        return (new string('\u2588', eighths / 8) + rest).PadRight(FullBar);
    }
}
