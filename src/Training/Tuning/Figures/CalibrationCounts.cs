namespace Anneal.Training.Tuning;

/// <summary>Samples by how sure the classifier was: equal bins, each with its upper end (Guo et al. 2017, section 2).</summary>
internal sealed class CalibrationCounts
{
    public const int BinCount = 15;

    private readonly long[] _counts = new long[BinCount];
    private readonly long[] _right = new long[BinCount];
    private readonly double[] _confidence = new double[BinCount];

    public void Add(double confidence, bool isRight)
    {
        var bin = Math.Clamp((int)Math.Ceiling(confidence * BinCount) - 1, 0, BinCount - 1);
        _counts[bin]++;
        _right[bin] += isRight ? 1 : 0;
        _confidence[bin] += confidence;
    }

    public CalibrationBin[] Bins() =>
    [
        .. Enumerable.Range(0, BinCount).Select(i => new CalibrationBin(
            (double)i / BinCount, (double)(i + 1) / BinCount, _counts[i], Mean(_confidence[i], _counts[i]), Mean(_right[i], _counts[i]))),
    ];

    private static double Mean(double sum, long count) => count == 0 ? 0 : sum / count;
}
