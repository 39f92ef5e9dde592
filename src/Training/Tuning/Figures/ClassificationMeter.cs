using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>
/// Counts how good a classifier is, batch after batch, and holds no batch: <c>meter.Add(scores, labels); … var metrics = meter.Result();</c>. The
/// figures depend on the samples and their order, never on how they were divided into batches.
/// </summary>
public sealed class ClassificationMeter
{
    /// <summary>How many classes the right one may be among for top-5; with fewer than one more class it would always be.</summary>
    internal const int Near = 5;

    private readonly IReadOnlyList<string> _classNames;
    private readonly bool _areProbabilities;
    private readonly long[,] _confusion;
    private readonly CalibrationCounts _calibration = new();
    private readonly double[] _row;

    private long _count;
    private long _near;
    private double _loss;

    /// <summary>A meter that has seen nothing.</summary>
    /// <param name="classNames">The names of the classes in the order of the labels, at least two.</param>
    /// <param name="areProbabilities">Whether scores are probabilities already; by default they are logits, of which softmax is taken.</param>
    /// <exception cref="AnnealException">There are fewer than two classes.</exception>
    public ClassificationMeter(IReadOnlyList<string> classNames, bool areProbabilities = false)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        if (classNames.Count < 2)
            throw new AnnealException($"Figures of a classifier need at least two classes; {classNames.Count} were named.");
        (_classNames, _areProbabilities) = ([.. classNames], areProbabilities);
        _confusion = new long[classNames.Count, classNames.Count];
        _row = new double[classNames.Count];
    }

    /// <summary>How many samples were added.</summary>
    public long Count => _count;

    /// <summary>Adds a batch.</summary>
    /// <param name="scores">Float32 or double, [N,C].</param>
    /// <param name="labels">The true classes, int64 [N].</param>
    /// <exception cref="ShapeMismatchException">Types or shapes differ from these.</exception>
    /// <exception cref="AnnealException">A label is no class, or a score no number.</exception>
    public void Add(Tensor scores, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Rank != 2 || labels.Rank != 1 || scores.Shape[1] != _row.Length || scores.Shape[0] != labels.Shape[0])
            throw new ShapeMismatchException($"Figures need scores [N,C={_row.Length}] and labels [N]; {scores.Title} and {labels.Title} were given.");
        var classes = labels.ToArray<long>();
        if (scores.DType == DType.Double)
            AddRows<double>(scores.ToArray<double>(), classes);
        else
            AddRows<float>(scores.ToArray<float>(), classes);
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="scores">[N,C], row after row.</param>
    /// <param name="labels">The true classes, [N].</param>
    /// <exception cref="ShapeMismatchException">There are not C scores for each label.</exception>
    /// <exception cref="AnnealException">A label is no class, or a score no number.</exception>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<long> labels)
    {
        if (scores.Length != (long)labels.Length * _row.Length)
            throw new ShapeMismatchException($"Figures of {labels.Length} samples and {_row.Length} classes need {(long)labels.Length * _row.Length} scores; {scores.Length} were given.");
        AddRows(scores, labels);
    }

    /// <summary>The figures of all that was added.</summary>
    /// <exception cref="AnnealException">Nothing was.</exception>
    public ClassificationMetrics Result()
    {
        if (_count == 0)
            throw new AnnealException($"There are no figures of no samples: {nameof(Add)} some first.");
        return new(_classNames, new((long[,])_confusion.Clone()), _calibration.Bins())
        {
            Top5 = _row.Length > Near ? (double)_near / _count : null,
            Loss = _loss / _count,
        };
    }

    private void AddRows<T>(ReadOnlySpan<T> scores, ReadOnlySpan<long> labels) where T : unmanaged, System.Numerics.INumber<T>
    {
        foreach (var label in labels)
            if (label < 0 || label >= _row.Length)
                throw new AnnealException($"Label {label} is no class: there are {_row.Length}, counted from 0.");
        for (var i = 0; i < labels.Length; i++)
        {
            for (var j = 0; j < _row.Length; j++)
                _row[j] = double.CreateTruncating(scores[(i * _row.Length) + j]);
            AddRow((int)labels[i]);
        }
    }

    private void AddRow(int label)
    {
        var predicted = 0;
        for (var j = 0; j < _row.Length; j++)
            if (double.IsNaN(_row[j]) || double.IsPositiveInfinity(_row[j]))
                throw new AnnealException($"The score of class {j} ('{_classNames[j]}') for sample {_count} is {_row[j]}: the network computes no numbers any more. Train with a smaller learning rate.");
            else if (_row[j] > _row[predicted])
                predicted = j;
        _confusion[label, predicted]++;
        _near += RankOf(label) < Near ? 1 : 0;
        var logarithm = _areProbabilities ? 0 : LogarithmOfSum(_row[predicted]);
        _loss -= _areProbabilities ? Math.Log(_row[label]) : _row[label] - logarithm;
        _calibration.Add(_areProbabilities ? _row[predicted] : Math.Exp(_row[predicted] - logarithm), predicted == label);
        _count++;
    }

    /// <summary>How many classes come before this one: those with a greater score, and of equal ones those named before.</summary>
    private int RankOf(int label)
    {
        var rank = 0;
        for (var j = 0; j < _row.Length; j++)
            if (_row[j] > _row[label] || (_row[j] == _row[label] && j < label))
                rank++;
        return rank;
    }

    /// <summary>log Σ exp(score), with the greatest score taken out so that nothing overflows.</summary>
    private double LogarithmOfSum(double greatest)
    {
        var sum = 0.0;
        foreach (var score in _row)
            sum += Math.Exp(score - greatest);
        return greatest + Math.Log(sum);
    }
}
