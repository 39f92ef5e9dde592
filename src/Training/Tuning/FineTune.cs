using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>
/// Teaches a classifier new classes: <c>FineTune.Run(PretrainedModel.FromZoo("resnet50"), TuningData.FromFolders("photos")).Save("mine.onnx")</c>.
/// The model gets a new head; what is frozen runs in ONNX Runtime, once for each picture where pictures stay the same; the rest learns, and the
/// weights of the best epoch are kept.
/// </summary>
/// <remarks>
/// The parts are public, for a training that goes another way: <see cref="ClassifierHead"/>, <see cref="ModelCut"/>, <see cref="FrozenFeatures"/>,
/// <see cref="Nn.OnnxModule"/>, <see cref="ClassificationMetrics"/>, <see cref="Export.OnnxExport"/>.
/// </remarks>
public static class FineTune
{
    /// <summary>Tunes a classifier and waits for it.</summary>
    /// <param name="model">What is started from. It stays as it is.</param>
    /// <param name="data">What is learned from, and judged by.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops between two steps; with a <see cref="FineTuneOptions.CheckpointFolder"/> nothing that was learned is lost.</param>
    /// <exception cref="DataRefusedException">The data is no good; every fault is named, before anything is learned.</exception>
    /// <exception cref="AnnealException">The model has no head that can be replaced, or cannot be trained; an option is out of its range; a checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The training was stopped.</exception>
    public static FineTuneResult Run(PretrainedModel model, TuningData data, FineTuneOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        var (plan, survey, meter) = Prepare(model, data, options, cancellation);
        using var checkpoints = options.CheckpointFolder is { } folder ? new TuningCheckpoints(folder) : null;
        if (!options.Resume)
            checkpoints?.RequireNew();
        var kept = options.Resume ? checkpoints?.Latest(plan) : null;
        using var events = options.EventFolder is { } place ? new TuningEvents(place, kept?.Position.Steps) : null;
        var run = new TuningRun(plan, data, options, meter, events, checkpoints);
        var best = run.Run(kept, cancellation);
        return new(plan, data, survey.Digest, best, run.History);
    }

    /// <summary>
    /// Finds the greatest learning rate for what learns in the end, by a few steps with growing rates; the model stays as it is. Its suggestion is for
    /// <see cref="FineTuneOptions.LearningRate"/>.
    /// </summary>
    /// <inheritdoc cref="Run"/>
    /// <param name="model">What is started from. It stays as it is.</param>
    /// <param name="data">What is learned from.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="search">Rates and steps; null for the defaults.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public static LearningRateCurve FindLearningRate(
        PretrainedModel model, TuningData data, FineTuneOptions? options = null, LearningRateFinderOptions? search = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        var (plan, _, meter) = Prepare(model, data, options, cancellation);
        using var run = new StageRun(plan, plan.Stages[^1], data, options, meter, cancellation);
        run.Module.Train();
        using var batches = run.Batches(cancellation).GetEnumerator();
        return LearningRateFinder.Run(run.Module, run.Optimizer, _ => batches.MoveNext() ? run.LossOf(batches.Current) : throw new AnnealException("There is nothing to learn from."), search, run.Generator, cancellation);
    }

    /// <summary>Tunes a classifier on a thread of its own; see <see cref="Run"/>.</summary>
    public static Task<FineTuneResult> RunAsync(PretrainedModel model, TuningData data, FineTuneOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Run(model, data, options, cancellation), cancellation);

    private static (TuningPlan Plan, DataSurvey Survey, TuningMeter Meter) Prepare(PretrainedModel model, TuningData data, FineTuneOptions options, CancellationToken cancellation)
    {
        options.Validate();
        var survey = DataSurvey.Of(data, options.Progress, cancellation);
        var plan = TuningPlan.Make(model, data, survey.Digest, options, cancellation);
        var meter = new TuningMeter(options.Progress, plan.Epochs);
        foreach (var notice in survey.Warnings.Prepend(plan.Head.Description).Concat(plan.Fresh.Notices))
            meter.Notice(notice);
        return (plan, survey, meter);
    }
}
