namespace Anneal.Cli;

/// <summary>Answers for pipes and logs: one line a class, each with its file, so that <c>grep</c> and <c>head</c> keep their meaning.</summary>
internal sealed class PlainLines(Screen screen) : IAnswerWriter
{
    public void Write(Answer answer)
    {
        if (answer.Error is { } error)
            screen.Notice(error);
        foreach (var prediction in answer.Predictions)
            screen.Out.WriteLine($"{Screen.Printable(answer.File)}: {Answer.PercentOf(prediction)}  {Answer.NameOf(prediction)}");
        screen.Out.Flush();
    }
}
