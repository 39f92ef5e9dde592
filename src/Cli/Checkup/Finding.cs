namespace Anneal.Cli.Checkup;

/// <summary>How a checked thing stands.</summary>
internal enum Verdict
{
    /// <summary>It is there and works.</summary>
    Ok,

    /// <summary>It is not there, and nothing needs it.</summary>
    Absent,

    /// <summary>Something that should work does not.</summary>
    Problem,
}

/// <summary>One line of a check-up.</summary>
/// <param name="Verdict">How it stands.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Text">What was found and, where something is missing, how to get it.</param>
/// <param name="IsVital">Whether models cannot run on the CPU without it.</param>
internal sealed record Finding(Verdict Verdict, string Subject, string Text, bool IsVital = false)
{
    public static Finding Ok(string subject, string text) => new(Verdict.Ok, subject, text);

    public static Finding Absent(string subject, string text) => new(Verdict.Absent, subject, text);

    public static Finding Problem(string subject, string text, bool isVital = false) => new(Verdict.Problem, subject, text, isVital);
}
