using Anneal.Onnx;
using Anneal.Training.Checkpoints;
using Anneal.Training.Data;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Training.Tuning;

/// <summary>A stage at work: the part that learns, its optimiser, and the batches.</summary>
internal sealed class StageRun : IDisposable
{
    private readonly TuningPlan.Stage _stage;
    private readonly FineTuneOptions _options;
    private readonly StageSources _sources;
    private readonly Tensor? _classWeights;

    public StageRun(TuningPlan plan, TuningPlan.Stage stage, TuningData data, FineTuneOptions options, TuningMeter meter, CancellationToken cancellation)
    {
        (_stage, _options) = (stage, options);
        var cut = ModelCut.Leading(plan.Fresh.Model, stage.Learners.Contains);
        _sources = StageSources.Make(plan, cut, data, options, meter, cancellation);
        var rest = cut?.Rest ?? plan.Fresh.Model;
        Generator = new(new Draws(options.Seed).For("dropout").At((int)stage.Kind).Bits());
        Module = new(rest, Generator);
        foreach (var (name, parameter) in Module.NamedParameters())
            parameter.RequiresGrad = stage.Learners.Contains(name);
        if (options.Device != Device.Cpu)
            Module.To(options.Device);
        Optimizer = Make(LearnerGroups.Of(Module, rest.Graph, plan.Fresh.ParameterNames, stage.Rates, options.RateDecay), options);
        Scheduler = new(Optimizer, ScheduleOf(options.Schedule, StepCount));
        Ema = options.EmaDecay is { } decay ? new(Module.Parameters().Concat<MutableTensor>(Module.Buffers()), decay) : null;
        _classWeights = ClassWeights(data, options) is { } weights ? Here(weights).Keep() : null;
    }

    /// <summary>The part that learns.</summary>
    public OnnxModule Module { get; }

    public Optimizer Optimizer { get; }

    public Scheduler Scheduler { get; }

    public Ema? Ema { get; }

    /// <summary>What dropout draws from.</summary>
    public Generator Generator { get; }

    /// <summary>All that the stage goes on from.</summary>
    public TrainingState State => new(Module) { Optimizer = Optimizer, Scheduler = Scheduler, Ema = Ema, Generator = Generator };

    /// <summary>How many batches an epoch has.</summary>
    public int BatchCount => _sources.Train.BatchCount;

    /// <summary>How many pictures an epoch learns from.</summary>
    public int ImageCount => _sources.Train.SampleCount;

    /// <summary>Takes over what another stage has learned.</summary>
    public void TakeOver(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var (name, part) in ModuleState.Parts(Module))
            if (weights.TryGetValue(name, out var value))
                part.Assign(value);
    }

    /// <summary>
    /// Learns from the batches of an epoch, a step of the optimiser at a time. Between two steps it gives how many batches are done, how many
    /// pictures were in them, and the sum of their losses; then all that it changes is whole, and the training can be stopped or kept.
    /// </summary>
    public IEnumerable<StepReport> Learn(int epoch, int firstBatch, CancellationToken cancellation)
    {
        Module.Train();
        var (images, losses) = (0, 0.0);
        Optimizer.ZeroGrad();
        foreach (var batch in _sources.Train.Epoch(epoch, firstBatch, cancellation))
        {
            losses += Learn(batch) * batch.Count;
            images += batch.Count;
            var done = batch.Number + 1;
            if (done % _options.Accumulate != 0 && done < BatchCount)
                continue;
            Step();
            yield return new(done, images, losses);
            (images, losses) = (0, 0);
        }
    }

    /// <summary>What the part that learns says of the validation pictures now, by the averages of the weights where there are any.</summary>
    public Judgement Judge(CancellationToken cancellation)
    {
        var (scores, labels) = (new List<float>(), new List<long>());
        using var averages = Ema is { Updates: > 0 } ? Ema.Apply() : null;
        using var off = Grad.Off();
        Module.Eval();
        foreach (var batch in _sources.Judge.Epoch(0, 0, cancellation))
        {
            using var scope = TensorScope.Begin();
            scores.AddRange(Scores(_sources.Judge, batch).ToArray<float>());
            labels.AddRange(batch.Labels.ToArray<long>());
        }
        return new([.. scores], [.. labels]);
    }

    /// <summary>A copy of what would be kept now: the averages of the weights where there are any.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights()
    {
        using var averages = Ema is { Updates: > 0 } ? Ema.Apply() : null;
        return Module.GetState();
    }

    /// <summary>Batches to learn from, epoch after epoch without an end.</summary>
    public IEnumerable<Batch> Batches(CancellationToken cancellation)
    {
        for (var epoch = 0; ; epoch++)
            foreach (var batch in _sources.Train.Epoch(epoch, 0, cancellation))
                yield return batch;
    }

    /// <summary>The loss of a batch, recorded.</summary>
    public Tensor LossOf(Batch batch) => Loss.CrossEntropy(Scores(_sources.Train, batch), Here(batch.SoftLabels ?? batch.Labels), _options.LabelSmoothing, _classWeights);

    public void Dispose() => _sources.Dispose();

    private double Learn(Batch batch)
    {
        using var scope = TensorScope.Begin();
        var loss = LossOf(batch);
        var value = loss.Item();
        if (!double.IsFinite(value))
            throw new AnnealException(
                $"The loss became {value} in batch {batch.Number + 1} of epoch {batch.Epoch + 1}: the learning rate {Scheduler.LearningRate:g3} is too high for this model, or a picture is no picture. Try a tenth of it, or clip gradients.");
        (loss * Share(batch)).Backward();
        return value;
    }

    /// <summary>Scores [N,C], from whatever the file makes of them: [N,C,1,1] for instance.</summary>
    private Tensor Scores(TuningSource source, Batch batch)
    {
        var scores = Module.Forward(Here(source.Features(batch)));
        return scores.Rank == 2 ? scores : scores.Flatten();
    }

    /// <summary>The tensor on the device that learns.</summary>
    private Tensor Here(Tensor tensor) => tensor.Device == _options.Device ? tensor : tensor.To(_options.Device);

    /// <summary>The batch's share of the pictures of its step, so that several batches make the mean over all of them.</summary>
    private double Share(Batch batch)
    {
        var first = batch.Number / _options.Accumulate * _options.Accumulate;
        var last = Math.Min(first + _options.Accumulate, BatchCount);
        var images = Math.Min(last * _options.BatchSize, _sources.Train.SampleCount) - (first * _options.BatchSize);
        return (double)batch.Count / images;
    }

    private void Step()
    {
        if (_options.ClipNorm is { } norm)
            _ = Optimizer.Parameters.ClipGradNorm(norm);
        Optimizer.Step();
        Optimizer.ZeroGrad();
        // A schedule ends with its last step.
        if (Scheduler.Position + 1 < StepCount)
            Scheduler.Step();
        Ema?.Update();
    }

    /// <summary>The steps of the whole stage.</summary>
    private long StepCount => (long)_stage.Epochs * ((BatchCount + _options.Accumulate - 1) / _options.Accumulate);

    private static Optimizer Make(IReadOnlyList<ParameterGroup> groups, FineTuneOptions options) => options.Optimizer switch
    {
        OptimizerKind.AdamW => new AdamW(groups, new() { WeightDecay = options.WeightDecay }),
        OptimizerKind.Sgd => new Sgd(groups, new() { Momentum = options.Momentum, WeightDecay = options.WeightDecay }),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Optimizer, "This is no optimiser."),
    };

    private static Schedule ScheduleOf(ScheduleKind kind, long steps) => kind switch
    {
        ScheduleKind.OneCycle => new OneCycle(steps),
        ScheduleKind.Cosine => new Cosine(steps),
        ScheduleKind.Constant => new Constant(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "This is no schedule."),
    };

    private static Tensor? ClassWeights(TuningData data, FineTuneOptions options)
    {
        var classes = data.ClassNames.Count;
        if (options.ClassWeights is { } given)
            return given.Count == classes
                ? Tensor.From(given.Select(weight => (float)weight).ToArray())
                : throw new AnnealException($"There are {given.Count} class weights for {classes} classes.");
        if (!options.BalanceClasses)
            return null;
        var counts = data.Train.Labels().CountBy(label => label).ToDictionary();
        return Tensor.From([.. Enumerable.Range(0, classes).Select(label => (float)((double)data.Train.Count / classes / counts[label]))]);
    }

    /// <summary>A step of the optimiser that was made.</summary>
    /// <param name="BatchesDone">How many of the epoch's batches are done.</param>
    /// <param name="Images">How many pictures the step learned from.</param>
    /// <param name="LossSum">The sum of their losses.</param>
    public readonly record struct StepReport(int BatchesDone, int Images, double LossSum);
}
