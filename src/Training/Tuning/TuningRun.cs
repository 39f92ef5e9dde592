using System.Diagnostics;

namespace Anneal.Training.Tuning;

/// <summary>A training from its first stage, or from a checkpoint, to its last.</summary>
internal sealed class TuningRun
{
    private readonly TuningPlan _plan;
    private readonly TuningData _data;
    private readonly FineTuneOptions _options;
    private readonly TuningMeter _meter;
    private readonly TuningEvents? _events;
    private readonly TuningCheckpoints? _checkpoints;
    private readonly List<EpochReport> _history = [];
    private readonly Stopwatch _sinceKept = Stopwatch.StartNew();

    private IReadOnlyDictionary<string, Tensor> _carried = new Dictionary<string, Tensor>();
    private BestWeights? _best;
    private double _lossSum;
    private long _steps;

    public TuningRun(TuningPlan plan, TuningData data, FineTuneOptions options, TuningMeter meter, TuningEvents? events, TuningCheckpoints? checkpoints) =>
        (_plan, _data, _options, _meter, _events, _checkpoints) = (plan, data, options, meter, events, checkpoints);

    /// <summary>Trains, from the beginning or from a checkpoint, and gives the weights of the best epoch.</summary>
    public BestWeights Run(TuningCheckpoint? kept, CancellationToken cancellation)
    {
        if (kept is not null)
        {
            _history.AddRange(kept.Position.History);
            (_best, _steps) = (kept.Best, kept.Position.Steps);
        }
        var first = 0;
        for (var stage = 0; stage < _plan.Stages.Count; stage++)
        {
            if (kept is null || kept.Position.Stage <= stage)
                Run(stage, first, kept?.Position.Stage == stage ? kept : null, cancellation);
            first += _plan.Stages[stage].Epochs;
        }
        return _best!;
    }

    /// <summary>What the epochs came to.</summary>
    public IReadOnlyList<EpochReport> History => _history;

    private void Run(int number, int firstEpoch, TuningCheckpoint? kept, CancellationToken cancellation)
    {
        var stage = _plan.Stages[number];
        if (HasStopped())
            return;
        using var run = new StageRun(_plan, stage, _data, _options, _meter, cancellation);
        run.TakeOver(_carried);
        if (kept is not null)
            run.State.Restore(kept.State);
        _meter.BeginStage();
        var end = firstEpoch + stage.Epochs;
        for (var epoch = kept?.Position.Epoch ?? firstEpoch; epoch < end && !HasStopped(); epoch++)
        {
            var position = new Place(number, epoch, end, kept is not null && kept.Position.Epoch == epoch ? kept.Position.Batch : 0);
            _lossSum = position.Batch > 0 ? kept!.Position.LossSum : 0;
            Learn(run, stage, position, cancellation);
            Judge(run, stage, position, cancellation);
        }
        _carried = run.Module.GetState();
    }

    private void Learn(StageRun run, TuningPlan.Stage stage, Place at, CancellationToken cancellation)
    {
        _meter.BeginEpoch();
        var done = at.Batch;
        try
        {
            foreach (var step in run.Learn(at.Epoch, at.Batch, cancellation))
            {
                (done, _lossSum) = (step.BatchesDone, _lossSum + step.LossSum);
                var images = Math.Min(done * _options.BatchSize, run.ImageCount);
                _meter.Learned(MeterPlace(run, stage, at, done), step.Images, _lossSum / images, run.Scheduler.LearningRate);
                _steps++;
                _events?.Step(_steps, step.LossSum / step.Images, run.Scheduler.LearningRate);
                if (_sinceKept.Elapsed > _options.CheckpointEvery)
                    Keep(run, at with { Batch = done });
                cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            Keep(run, at with { Batch = done });
            throw;
        }
        _meter.EndEpoch(done - at.Batch);
    }

    private void Judge(StageRun run, TuningPlan.Stage stage, Place at, CancellationToken cancellation)
    {
        var judgement = run.Judge(cancellation);
        var metrics = judgement.Metrics(_data.ClassNames);
        var isBest = IsBest(metrics);
        var report = new EpochReport(at.Epoch + 1, stage.Kind, _lossSum / run.ImageCount, metrics.Loss, metrics.Top1, run.Scheduler.LearningRate, isBest)
        {
            Duration = _meter.Elapsed,
            Images = _meter.Images,
        };
        if (isBest)
            _best = new(at.Epoch + 1, run.Weights(), judgement);
        _history.Add(report);
        _events?.Epoch(report);
        Keep(run, at with { Epoch = at.Epoch + 1, Batch = 0 });
        _meter.Finished(MeterPlace(run, stage, at, run.BatchCount), report);
    }

    /// <summary>More named right, or as many with less loss.</summary>
    private bool IsBest(ClassificationMetrics metrics) => _history.LastOrDefault(report => report.IsBest) is not { } best
        || metrics.Top1 > best.Top1 || (metrics.Top1 == best.Top1 && metrics.Loss < best.ValidationLoss);

    /// <summary>Whether there was no better epoch for as many as the options wait for.</summary>
    private bool HasStopped() => _options.Patience is { } patience && _best is not null && _history.Count - _best.Epoch >= patience;

    private void Keep(StageRun run, Place at)
    {
        _checkpoints?.Keep(run, Position(at), _best);
        _sinceKept.Restart();
    }

    private TuningPosition Position(Place at) => new()
    {
        Plan = _plan.Digest,
        Stage = at.Stage,
        Epoch = at.Epoch,
        Batch = at.Batch,
        Steps = _steps,
        LossSum = at.Batch == 0 ? 0 : _lossSum,
        History = _history,
    };

    private static TuningMeter.Place MeterPlace(StageRun run, TuningPlan.Stage stage, Place at, int done) => new(stage.Kind, at.Epoch, at.StageEnd, done, run.BatchCount);

    /// <summary>A place in the training.</summary>
    private readonly record struct Place(int Stage, int Epoch, int StageEnd, int Batch);
}
