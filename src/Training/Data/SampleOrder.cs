using Anneal.Onnx;

namespace Anneal.Training.Data;

/// <summary>Which samples an epoch has, and in which order.</summary>
public abstract class SampleOrder
{
    /// <summary>Every sample once, from the first to the last.</summary>
    public static SampleOrder Sequential { get; } = new SequentialOrder();

    /// <summary>Every sample once, in an order that each epoch draws anew.</summary>
    public static SampleOrder Shuffled { get; } = new ShuffledOrder();

    /// <summary>Samples drawn independently of one another, each as likely as its weight says, so that one may come twice.</summary>
    /// <param name="weights">A weight for each sample, 0 or more; they need not sum to one.</param>
    /// <param name="count">How many are drawn for an epoch; null for as many as there are weights.</param>
    /// <exception cref="AnnealException">A weight is negative or no number, or all are 0.</exception>
    public static SampleOrder Weighted(IReadOnlyList<double> weights, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegative(count ?? 0, nameof(count));
        return new WeightedOrder(weights, count ?? weights.Count);
    }

    /// <summary>Samples drawn so that every class is as likely as any other, however many samples it has.</summary>
    /// <param name="labels">The class of every sample: <see cref="Dataset.Labels{T}"/>.</param>
    /// <param name="count">How many are drawn for an epoch; null for as many as there are samples.</param>
    public static SampleOrder Balanced(IReadOnlyList<int> labels, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var counts = labels.CountBy(label => label).ToDictionary();
        return Weighted([.. labels.Select(label => 1.0 / counts[label])], count);
    }

    /// <summary>How many samples an epoch has.</summary>
    /// <param name="datasetCount">How many the dataset has.</param>
    public abstract int Count(int datasetCount);

    /// <summary>The numbers of an epoch's samples.</summary>
    /// <param name="datasetCount">How many samples the dataset has.</param>
    /// <param name="draws">The random numbers of the epoch.</param>
    public abstract int[] Draw(int datasetCount, Draws draws);

    private sealed class SequentialOrder : SampleOrder
    {
        public override int Count(int datasetCount) => datasetCount;

        public override int[] Draw(int datasetCount, Draws draws) => [.. Enumerable.Range(0, datasetCount)];

        public override string ToString() => "sequential";
    }

    private sealed class ShuffledOrder : SampleOrder
    {
        public override int Count(int datasetCount) => datasetCount;

        public override int[] Draw(int datasetCount, Draws draws) => draws.Permutation(datasetCount);

        public override string ToString() => "shuffled";
    }

    private sealed class WeightedOrder : SampleOrder
    {
        private readonly double[] _sums;
        private readonly int _count;

        public WeightedOrder(IReadOnlyList<double> weights, int count)
        {
            (_sums, _count) = (new double[weights.Count], count);
            var sum = 0.0;
            for (var i = 0; i < _sums.Length; i++)
                _sums[i] = sum += double.IsFinite(weights[i]) && weights[i] >= 0
                    ? weights[i]
                    : throw new AnnealException($"The weight of sample {i} is {weights[i]}; it must be 0 or more.");
            if (sum == 0)
                throw new AnnealException("All weights of the samples are 0, so that none could be drawn.");
        }

        public override int Count(int datasetCount) => datasetCount == _sums.Length
            ? _count
            : throw new AnnealException($"There are weights for {_sums.Length} samples; the dataset has {datasetCount}.");

        public override int[] Draw(int datasetCount, Draws draws) =>
            [.. Enumerable.Range(0, Count(datasetCount)).Select(i => Find(draws.Uniform(i) * _sums[^1]))];

        public override string ToString() => "weighted";

        // The first sample whose sum of weights is over the number drawn: one of weight 0 never is.
        private int Find(double drawn)
        {
            var (low, high) = (0, _sums.Length - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _sums[middle] > drawn ? (low, middle) : (middle + 1, high);
            }
            return low;
        }
    }
}
