namespace Anneal.Training.Tuning;

/// <summary>Tells of the features that are computed, as part of a training.</summary>
internal sealed class FeatureMeter(TuningMeter meter) : IProgress<FeatureProgress>
{
    public void Report(FeatureProgress value) => meter.Prepared(TuningStage.Features, value.Done, value.Total);
}
