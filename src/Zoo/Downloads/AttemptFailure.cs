namespace Anneal.Zoo;

/// <summary>
/// One attempt at one source that failed for a reason that lies with the source or the way to it. The message completes the sentence
/// "this address …".
/// </summary>
internal sealed class AttemptFailure : Exception
{
    private const int MaxAnswerLength = 500;

    private AttemptFailure(string answer, bool mayRetry, TimeSpan? retryAfter, Exception? cause) : base(OneLine(answer), cause) =>
        (MayRetry, RetryAfter) = (mayRetry, retryAfter);

    /// <summary>Whether the same source may do better the next time.</summary>
    public bool MayRetry { get; }

    /// <summary>The pause that the server asked for, or null.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>A passing trouble: worth another attempt at the same source.</summary>
    public static AttemptFailure Passing(string answer, Exception? cause = null, TimeSpan? retryAfter = null) => new(answer, true, retryAfter, cause);

    /// <summary>A lasting one: only another source can help.</summary>
    public static AttemptFailure Lasting(string answer, Exception? cause = null) => new(answer, false, null, cause);

    // Parts of an answer are a stranger's words: no line breaks, no terminal codes, no end of the world in length.
    private static string OneLine(string answer)
    {
        var line = string.Concat(answer.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxAnswerLength ? line : line[..MaxAnswerLength] + "…";
    }
}
