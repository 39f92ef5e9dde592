using Anneal.Training.Data;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>
/// How large the numbers are that a new head learns from. Backbones differ by a factor of a hundred and more, and what a step changes in the scores
/// grows with them: a rate that suits one head stands still, or bursts, on another.
/// </summary>
internal static class FeatureScale
{
    private const int Pictures = 32;

    /// <summary>The mean magnitude of the features of a few pictures, spread evenly over the data; 1 where all are 0.</summary>
    public static double Of(NewHead head, ModelCard card, IDataset<PictureSample> data, CancellationToken cancellation)
    {
        var cut = ModelCut.Leading(head.Model, head.ParameterNames.Contains);
        if (cut is null)
            return 1;
        using var front = new FrozenFeatures(cut, new() { Threads = Threads.Count });
        using var scope = TensorScope.Begin();
        var count = Math.Min(Pictures, data.Count);
        var few = data.Subset([.. Enumerable.Range(0, count).Select(i => (int)((long)i * data.Count / count))]);
        var (sum, elements) = (0.0, 0L);
        foreach (var batch in new DataLoader<PictureSample>(few, Augment.None(card), new() { BatchSize = 8 }).Epoch(0, 0, cancellation))
            foreach (var feature in front.Run(batch.Inputs, cancellation).AsSpan<float>())
                (sum, elements) = (sum + Math.Abs(feature), elements + 1);
        return sum > 0 && double.IsFinite(sum) ? sum / elements : 1;
    }
}
