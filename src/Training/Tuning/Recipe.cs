using System.Text.Json;

namespace Anneal.Training.Tuning;

/// <summary>Everything of the options that decides a number: what the lineage of a file says, and what a training that goes on must share.</summary>
internal sealed record Recipe
{
    public required string Head { get; init; }

    public required string Freeze { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required int Accumulate { get; init; }

    public double? LearningRate { get; init; }

    public int? HeadEpochs { get; init; }

    public required double RateDecay { get; init; }

    public required AugmentLevel Augment { get; init; }

    public required MixKind Mix { get; init; }

    public required OptimizerKind Optimizer { get; init; }

    public required double Momentum { get; init; }

    public required double WeightDecay { get; init; }

    public required ScheduleKind Schedule { get; init; }

    public required double LabelSmoothing { get; init; }

    public IReadOnlyList<double>? ClassWeights { get; init; }

    public required bool BalanceClasses { get; init; }

    public double? ClipNorm { get; init; }

    public double? EmaDecay { get; init; }

    public int? Patience { get; init; }

    public required ulong Seed { get; init; }

    public required string Device { get; init; }

    public static Recipe Of(FineTuneOptions options, ClassifierHead head) => new()
    {
        Head = head.Description,
        Freeze = options.Freeze,
        Epochs = options.Epochs,
        BatchSize = options.BatchSize,
        Accumulate = options.Accumulate,
        LearningRate = options.LearningRate,
        HeadEpochs = options.HeadEpochs,
        RateDecay = options.RateDecay,
        Augment = options.Augment,
        Mix = options.Mix,
        Optimizer = options.Optimizer,
        Momentum = options.Momentum,
        WeightDecay = options.WeightDecay,
        Schedule = options.Schedule,
        LabelSmoothing = options.LabelSmoothing,
        ClassWeights = options.ClassWeights,
        BalanceClasses = options.BalanceClasses,
        ClipNorm = options.ClipNorm,
        EmaDecay = options.EmaDecay,
        Patience = options.Patience,
        Seed = options.Seed,
        Device = options.Device.ToString(),
    };

    public string ToJson() => JsonSerializer.Serialize(this, TuningJson.Default.Recipe);
}
