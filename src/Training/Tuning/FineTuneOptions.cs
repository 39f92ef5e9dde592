using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>How a classifier is tuned. The defaults suit a few hundred to a few thousand photos.</summary>
public sealed record FineTuneOptions
{
    /// <summary>How often all pictures are learned from, at least 1; 8 by default.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>Pictures in a batch, at least 1; 16 by default.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Batches whose gradients are added up for one step of the optimiser, at least 1; 1 by default. <see cref="BatchSize"/> 16 with 4 is a batch of 64.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>
    /// The greatest learning rate. Null for <see cref="DefaultHeadRate"/> while only the head learns and <see cref="DefaultWholeRate"/> afterwards, both of
    /// the head divided by the mean magnitude of the features that it learns from (for SGD by its square), since backbones differ in it a hundredfold.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// What does not learn: <c>backbone</c> (all but the new head; the default), <c>none</c>, or names of parameters in which <c>*</c> stands for any
    /// letters, separated by commas: <c>conv1*,layer1.*</c>.
    /// </summary>
    public string Freeze { get; init; } = Freezing.Backbone;

    /// <summary>How many of the epochs only the head learns, before the rest does; null for about a third of them.</summary>
    public int? HeadEpochs { get; init; }

    /// <summary>
    /// By how much a third of the layers learns slower than the third after it, at least 1; 2.6 by default. The head has the full rate
    /// (Howard and Ruder 2018, section 3.2, "discriminative fine-tuning").
    /// </summary>
    public double RateDecay { get; init; } = 2.6;

    /// <summary>The name of the node to replace, or <c>append</c>; null finds the head.</summary>
    public string? Head { get; init; }

    /// <summary>What changes pictures at random; <see cref="AugmentLevel.None"/> by default, so that frozen features are computed once.</summary>
    public AugmentLevel Augment { get; init; }

    /// <summary>How pictures of a batch are mixed.</summary>
    public MixKind Mix { get; init; }

    /// <summary>The optimiser; <see cref="OptimizerKind.AdamW"/> by default.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>The momentum of <see cref="OptimizerKind.Sgd"/>, from 0 to below 1; 0.9 by default.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The weight decay of matrices and filters, at least 0; 0.01 by default. Biases and normalisations do not decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>How the learning rate goes; <see cref="ScheduleKind.OneCycle"/> by default.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>The share of each label that is spread over all classes, from 0 to below 1; 0 by default (Szegedy et al. 2016).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>What each class counts, in their order; null for 1. Not together with <see cref="BalanceClasses"/>.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Whether classes count the more the rarer they are, so that all together count alike.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>The greatest norm of all gradients together; null for no clipping.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The decay of a moving average of the weights, which is then what is judged and kept; null for none.</summary>
    public double? EmaDecay { get; init; }

    /// <summary>After how many epochs without a better result the training ends, at least 1; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>What every random number comes from; 0 by default. The same seed, data and options give the same file.</summary>
    public ulong Seed { get; init; }

    /// <summary>Where what learns is computed; the processor by default.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>Where checkpoints go; null for none. A training that was interrupted goes on from there with <see cref="Resume"/>.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Whether to go on from the checkpoint in <see cref="CheckpointFolder"/>. One of another model, data or options is refused; where there is none, the training begins.</summary>
    public bool Resume { get; init; }

    /// <summary>How much work a crash may cost at most, in time; 20 seconds by default. The end of an epoch is always kept.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where event files for TensorBoard go; null for none.</summary>
    public string? EventFolder { get; init; }

    /// <summary>Where features of the frozen part are kept; null for the usual folder.</summary>
    public string? FeatureFolder { get; init; }

    /// <summary>Is told of every step and every epoch; null for nobody. Called on the thread that trains.</summary>
    public IProgress<TuningProgress>? Progress { get; init; }

    /// <summary>The learning rate while only the head learns, for features of magnitude 1: 5e-3.</summary>
    public static double DefaultHeadRate => 5e-3;

    /// <summary>The learning rate while more than the head learns, for features of magnitude 1: 1e-4.</summary>
    public static double DefaultWholeRate => 1e-4;

    internal void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(Accumulate >= 1, nameof(Accumulate), Accumulate, "at least 1");
        Require(LearningRate is null or (> 0 and < double.PositiveInfinity), nameof(LearningRate), LearningRate, "above 0");
        Require(HeadEpochs is null || (HeadEpochs >= 0 && HeadEpochs <= Epochs), nameof(HeadEpochs), HeadEpochs, $"from 0 to {nameof(Epochs)}");
        Require(RateDecay >= 1, nameof(RateDecay), RateDecay, "at least 1");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "from 0 to below 1");
        Require(WeightDecay >= 0, nameof(WeightDecay), WeightDecay, "at least 0");
        Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "from 0 to below 1");
        Require(ClipNorm is null or > 0, nameof(ClipNorm), ClipNorm, "above 0");
        Require(EmaDecay is null or (>= 0 and < 1), nameof(EmaDecay), EmaDecay, "from 0 to below 1");
        Require(Patience is null or >= 1, nameof(Patience), Patience, "at least 1");
        if (BalanceClasses && ClassWeights is not null)
            throw new AnnealException($"{nameof(BalanceClasses)} finds the weights of classes by itself, and {nameof(ClassWeights)} gives them: choose one.");
        if (Resume && CheckpointFolder is null)
            throw new AnnealException($"{nameof(Resume)} needs the {nameof(CheckpointFolder)} of the training to go on with.");
    }

    private static void Require(bool holds, string name, object? value, string range)
    {
        if (!holds)
            throw new AnnealException(FormattableString.Invariant($"{nameof(FineTuneOptions)}.{name} is {value}; it must be {range}."));
    }
}
