using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>Where a stage's batches come from: what it learns from, and what it is judged by.</summary>
internal sealed class StageSources : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private StageSources() { }

    public required TuningSource Train { get; init; }

    public required TuningSource Judge { get; init; }

    /// <summary>Prepares the sources; the frozen part runs over all pictures here where its features can be kept.</summary>
    /// <param name="plan">What is to be done.</param>
    /// <param name="cut">The frozen part and the rest; null where nothing is frozen before what learns.</param>
    /// <param name="data">The pictures.</param>
    /// <param name="options">How they are learned from.</param>
    /// <param name="meter">Who is told.</param>
    /// <param name="cancellation">Stops the preparation; what is done of it is kept.</param>
    public static StageSources Make(TuningPlan plan, ModelCut? cut, TuningData data, FineTuneOptions options, TuningMeter meter, CancellationToken cancellation)
    {
        var isChanged = options.Augment != AugmentLevel.None || options.Mix != MixKind.None;
        if (cut is null)
            return new StageSources { Train = Pictures(plan, data, options), Judge = Judged(plan, data, options) };
        var front = new FrozenFeatures(cut, new() { CacheFolder = options.FeatureFolder, Threads = Threads.Count });
        try
        {
            var judged = front.Table(data.Validation, plan.Plain, new FeatureMeter(meter), cancellation);
            var learned = isChanged ? null : front.Table(data.Train, plan.Plain, new FeatureMeter(meter), cancellation);
            return new StageSources
            {
                Train = learned is null ? Pictures(plan, data, options, front) : TuningSource.From(learned.Loader(Learning(learned.Count, options, null) with { Workers = 0 })),
                Judge = TuningSource.From(judged.Loader(new() { BatchSize = options.BatchSize, Workers = 0 })),
                _owned = { front, judged },
            }.Owning(learned);
        }
        catch
        {
            front.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
    }

    private StageSources Owning(IDisposable? more)
    {
        if (more is not null)
            _owned.Add(more);
        return this;
    }

    private static TuningSource Pictures(TuningPlan plan, TuningData data, FineTuneOptions options, FrozenFeatures? front = null) =>
        TuningSource.From(new DataLoader<PictureSample>(data.Train, Pipeline(plan, options), Learning(data.Train.Count, options, Mix(plan, data, options))), front);

    private static TuningSource Judged(TuningPlan plan, TuningData data, FineTuneOptions options) =>
        TuningSource.From(new DataLoader<PictureSample>(data.Validation, plan.Plain, new() { BatchSize = options.BatchSize }));

    /// <summary>A last batch of one sample is left out: a batch normalisation cannot measure it, and its gradient is mostly noise.</summary>
    private static DataLoaderOptions Learning(int count, FineTuneOptions options, BatchMix? mix) => new()
    {
        BatchSize = options.BatchSize,
        Order = SampleOrder.Shuffled,
        Seed = options.Seed,
        Mix = mix,
        DropLast = count > options.BatchSize && count % options.BatchSize == 1,
    };

    private static PicturePipeline Pipeline(TuningPlan plan, FineTuneOptions options) => options.Augment switch
    {
        AugmentLevel.None => plan.Plain,
        AugmentLevel.Basic => Augment.Basic(plan.Pretrained.Card),
        AugmentLevel.Strong => Augment.Strong(plan.Pretrained.Card),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Augment, "This is no augmentation."),
    };

    private static BatchMix? Mix(TuningPlan plan, TuningData data, FineTuneOptions options)
    {
        var (classes, layout) = (data.ClassNames.Count, plan.Pretrained.Card.Preprocessing.Layout);
        return options.Mix switch
        {
            MixKind.None => null,
            MixKind.Mixup => new Mixup(classes, 0.2),
            MixKind.CutMix => new CutMix(classes, 1, layout),
            MixKind.Both => BatchMix.OneOf(new Mixup(classes, 0.2), new CutMix(classes, 1, layout)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Mix, "This is no way to mix."),
        };
    }
}
