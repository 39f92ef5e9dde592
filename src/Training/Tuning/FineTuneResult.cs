using Anneal.Onnx;
using Anneal.Training.Export;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>A tuned classifier.</summary>
public sealed class FineTuneResult
{
    private readonly TuningPlan _plan;
    private readonly TuningData _data;
    private readonly string _dataDigest;

    internal FineTuneResult(TuningPlan plan, TuningData data, string dataDigest, BestWeights best, IReadOnlyList<EpochReport> history)
    {
        (_plan, _data, _dataDigest, History, BestEpoch) = (plan, data, dataDigest, history, best.Epoch);
        Metrics = best.Judgement.Metrics(data.ClassNames);
        Model = TunedModel.Of(plan.Fresh.Model, best.Weights);
        Card = TunedCard.Of(plan, data.ClassNames, Metrics);
    }

    /// <summary>The whole graph with the weights of the best epoch: the original's nodes and names but for the head.</summary>
    public Model Model { get; }

    /// <summary>How pictures are prepared, and what comes out.</summary>
    public ModelCard Card { get; }

    /// <summary>The names of the classes, by number.</summary>
    public IReadOnlyList<string> ClassNames => _data.ClassNames;

    /// <summary>How the best epoch named the validation pictures.</summary>
    public ClassificationMetrics Metrics { get; }

    /// <summary>What the epochs came to, one after the other.</summary>
    public IReadOnlyList<EpochReport> History { get; }

    /// <summary>The epoch, counted from 1, whose weights were kept.</summary>
    public int BestEpoch { get; }

    /// <summary>What the classifier was made of, and how.</summary>
    public Lineage Lineage => new()
    {
        Parent = _plan.Pretrained.Card.Name,
        ParentSha256 = _plan.Pretrained.Sha256,
        DataSha256 = _dataDigest,
        Recipe = _plan.Recipe.ToJson(),
        MadeBy = $"Anneal {typeof(FineTune).Assembly.GetName().Version?.ToString(3)}",
        Metrics = new Dictionary<string, double>
        {
            ["top1"] = Metrics.Top1,
            ["loss"] = Metrics.Loss,
            ["epoch"] = BestEpoch,
            ["images"] = _data.Train.Count,
            ["validationImages"] = _data.Validation.Count,
        },
    };

    /// <summary>
    /// Writes a file that says all about itself, reads it back in ONNX Runtime alone, and leaves it only where both agree.
    /// </summary>
    /// <param name="path">The file; nothing may be there.</param>
    /// <param name="options">How; null for the defaults. Their metadata is filled in where it is not given.</param>
    /// <param name="cancellation">Stops, and leaves no file.</param>
    /// <exception cref="AnnealException">The file cannot be written, or ONNX Runtime computes something else.</exception>
    public ExportReport Save(string path, ExportOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var model = _plan.Fresh.Ending?.PutBack(Model) ?? Model;
        return OnnxExport.Save(model, path, options with { Metadata = options.Metadata ?? Metadata(model) }, cancellation);
    }

    private ModelMetadata Metadata(Model model) => new()
    {
        Card = Card,
        ClassNames = ClassNames,
        Lineage = Lineage,
        Golden = GoldenPicture.Of(model, Card, _data.Validation),
    };
}
