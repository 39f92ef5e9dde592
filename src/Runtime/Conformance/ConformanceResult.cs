namespace Anneal.Runtime.Conformance;

/// <summary>How a case went.</summary>
internal enum ConformanceOutcome
{
    /// <summary>Every output is what the vectors hold.</summary>
    Pass,

    /// <summary>An output is another, or the case could not be carried out although the engine took the model.</summary>
    Fail,

    /// <summary>The engine says itself that it does not run such models, or the vectors are random numbers that it cannot have.</summary>
    Unsupported,
}

/// <summary>What came of a case.</summary>
/// <param name="Outcome">How it went.</param>
/// <param name="Reason">Null when it passed; otherwise what is wrong or not supported.</param>
/// <param name="MaxError">The largest difference of an element from the one that was expected; null when nothing was compared.</param>
internal sealed record ConformanceResult(ConformanceOutcome Outcome, string? Reason = null, double? MaxError = null)
{
    public static ConformanceResult Fail(string reason, double? maxError = null) => new(ConformanceOutcome.Fail, reason, maxError);

    public static ConformanceResult Unsupported(string reason) => new(ConformanceOutcome.Unsupported, reason);
}
