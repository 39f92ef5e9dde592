namespace Anneal.Training.Tuning;

/// <summary>What a model said of the validation pictures: enough to work out every figure, now or from a checkpoint.</summary>
/// <param name="Scores">A row of scores for each picture, [N,C], row after row.</param>
/// <param name="Labels">What the pictures show, [N].</param>
internal sealed record Judgement(float[] Scores, long[] Labels)
{
    /// <summary>The figures.</summary>
    public ClassificationMetrics Metrics(IReadOnlyList<string> classNames)
    {
        var meter = new ClassificationMeter(classNames);
        meter.Add(Scores, Labels);
        return meter.Result();
    }
}
