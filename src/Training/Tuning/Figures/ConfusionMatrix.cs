namespace Anneal.Training.Tuning;

/// <summary>How many samples of each class were taken for which class.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    internal ConfusionMatrix(long[,] counts) => _counts = counts;

    /// <summary>How many classes there are.</summary>
    public int ClassCount => _counts.GetLength(0);

    /// <summary>How many samples of a class were taken for a class.</summary>
    /// <param name="truth">The true class.</param>
    /// <param name="predicted">The predicted class.</param>
    public long this[int truth, int predicted] => _counts[truth, predicted];

    /// <summary>How many samples of a class there are.</summary>
    public long Support(int truth) => Enumerable.Range(0, ClassCount).Sum(predicted => _counts[truth, predicted]);

    /// <summary>How many samples were taken for a class.</summary>
    public long Predicted(int predicted) => Enumerable.Range(0, ClassCount).Sum(truth => _counts[truth, predicted]);

    /// <summary>The mistakes that were made most often, the most frequent first.</summary>
    public IReadOnlyList<(int Truth, int Predicted, long Count)> Mistakes(int most) =>
    [
        .. Enumerable.Range(0, ClassCount)
            .SelectMany(truth => Enumerable.Range(0, ClassCount).Select(predicted => (Truth: truth, Predicted: predicted, Count: _counts[truth, predicted])))
            .Where(cell => cell.Truth != cell.Predicted && cell.Count > 0)
            .OrderByDescending(cell => cell.Count)
            .Take(most),
    ];
}
