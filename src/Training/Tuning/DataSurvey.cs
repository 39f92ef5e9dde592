namespace Anneal.Training.Tuning;

/// <summary>What the data is like, found out before anything is learned.</summary>
/// <param name="Digest">The digest of all pictures and classes, of both sides.</param>
/// <param name="Warnings">What is worth knowing, in full sentences.</param>
internal sealed record DataSurvey(string Digest, IReadOnlyList<string> Warnings)
{
    /// <summary>Looks through the data.</summary>
    /// <exception cref="DataRefusedException">It has faults.</exception>
    public static DataSurvey Of(TuningData data, IProgress<TuningProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new(TuningStage.Checking, 0, 0, 0, data.Train.Count + data.Validation.Count));
        var found = DataFaults.Find(data.Train, data.Validation, cancellation);
        found.Require();
        var digest = Digests.OfText($"{DatasetDigest.Of(found.Training)} {DatasetDigest.Of(found.Validation!)}");
        return new(digest, [.. found.Warnings.Select(warning => warning.ToString())]);
    }
}
