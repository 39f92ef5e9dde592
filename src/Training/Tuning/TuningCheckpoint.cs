using Anneal.Onnx;
using Anneal.Training.Checkpoints;

namespace Anneal.Training.Tuning;

/// <summary>A training in the middle: a checkpoint of the stage at work, with the best epoch before and how far the training is.</summary>
/// <param name="Position">How far it is.</param>
/// <param name="Best">The best epoch before; null in the first.</param>
/// <param name="State">The stage at work.</param>
internal sealed record TuningCheckpoint(TuningPosition Position, BestWeights? Best, Checkpoint State)
{
    private const string PositionName = "anneal.position";
    private const string BestPrefix = "best.";
    private const string ScoresName = "judged.scores";
    private const string LabelsName = "judged.labels";

    /// <summary>What a training is now, as one checkpoint.</summary>
    public static Checkpoint Of(StageRun run, TuningPosition position, BestWeights? best)
    {
        var state = run.State.Capture(new Dictionary<string, string> { [PositionName] = position.ToJson() });
        if (best is null)
            return state;
        var tensors = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var (name, tensor) in state.Tensors)
            tensors.Add(name, tensor);
        foreach (var (name, weight) in best.Weights)
            tensors.Add(BestPrefix + name, weight.ToTensorData());
        var (scores, labels) = (best.Judgement.Scores, best.Judgement.Labels);
        tensors.Add(ScoresName, TensorData.Create(ScoresName, scores, scores.Length));
        tensors.Add(LabelsName, TensorData.Create(LabelsName, labels, labels.Length));
        return state with { Tensors = tensors };
    }

    /// <summary>What a checkpoint holds.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="folder">Where it was, for errors.</param>
    /// <exception cref="AnnealException">It is a checkpoint of something else.</exception>
    public static TuningCheckpoint From(Checkpoint checkpoint, string folder)
    {
        if (!checkpoint.Metadata.TryGetValue(PositionName, out var json))
            throw new AnnealException($"The checkpoint in {folder} is none of a fine-tuning: it does not say '{PositionName}'. Give this training a folder of its own.");
        var position = TuningPosition.FromJson(json);
        var best = position.History.LastOrDefault(report => report.IsBest);
        return new(position, best is null ? null : BestOf(best.Epoch, checkpoint.Tensors), WithoutBest(checkpoint));
    }

    private static BestWeights BestOf(int epoch, IReadOnlyDictionary<string, TensorData> tensors)
    {
        var weights = new Dictionary<string, Tensor>();
        foreach (var (name, data) in tensors)
            if (name.StartsWith(BestPrefix, StringComparison.Ordinal))
                weights.Add(name[BestPrefix.Length..], Tensor.From(data).Keep());
        return new(epoch, weights, new(tensors[ScoresName].As<float>().ToArray(), tensors[LabelsName].As<long>().ToArray()));
    }

    private static Checkpoint WithoutBest(Checkpoint checkpoint) => checkpoint with
    {
        Tensors = checkpoint.Tensors.Where(named => !named.Key.StartsWith(BestPrefix, StringComparison.Ordinal) && named.Key is not (ScoresName or LabelsName)).ToDictionary(),
    };
}
