namespace Anneal.Training.Tuning;

/// <summary>
/// How good a classifier is on samples whose classes are known; <see cref="ClassificationMeter"/> counts it. Shares are from 0 to 1.
/// </summary>
public sealed class ClassificationMetrics
{
    internal ClassificationMetrics(IReadOnlyList<string> classNames, ConfusionMatrix confusion, IReadOnlyList<CalibrationBin> calibration)
    {
        (ClassNames, Confusion, Calibration) = (classNames, confusion, calibration);
        PerClass = [.. classNames.Select((name, i) => FiguresOf(name, i))];
        Count = PerClass.Sum(figures => figures.Support);
        Top1 = (double)Enumerable.Range(0, classNames.Count).Sum(i => confusion[i, i]) / Count;
    }

    /// <summary>The names of the classes in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many samples there were.</summary>
    public long Count { get; }

    /// <summary>The share of the samples whose class has the greatest score; of equal scores the first counts.</summary>
    public double Top1 { get; }

    /// <summary>The share of the samples whose class is among the five greatest scores; null with fewer than six classes, where it says nothing.</summary>
    public double? Top5 { get; internal init; }

    /// <summary>The mean cross entropy, -log of the probability of the true class, in nats.</summary>
    public double Loss { get; internal init; }

    /// <summary>
    /// The expected calibration error: how far confidence and accuracy lie apart, in the mean over the samples (Guo et al. 2017, equation 3; 15 equal bins).
    /// </summary>
    public double CalibrationError => Calibration.Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / Count;

    /// <summary>The samples by confidence.</summary>
    public IReadOnlyList<CalibrationBin> Calibration { get; }

    /// <summary>Each class by itself.</summary>
    public IReadOnlyList<ClassFigures> PerClass { get; }

    /// <summary>Which class was taken for which.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>The mean of the classes' precisions, each class counting alike.</summary>
    public double MacroPrecision => PerClass.Average(figures => figures.Precision);

    /// <summary>The mean of the classes' recalls, each class counting alike: the balanced accuracy where every class has samples.</summary>
    public double MacroRecall => PerClass.Average(figures => figures.Recall);

    /// <summary>The mean of the classes' F1, each class counting alike.</summary>
    public double MacroF1 => PerClass.Average(figures => figures.F1);

    /// <summary>The figures of scores that are at hand all at once.</summary>
    /// <inheritdoc cref="ClassificationMeter.Add(Tensor, Tensor)"/>
    /// <param name="scores">Float32 or double logits, [N,C].</param>
    /// <param name="labels">The true classes, int64 [N].</param>
    /// <param name="classNames">The names of the classes in the order of the labels.</param>
    public static ClassificationMetrics From(Tensor scores, Tensor labels, IReadOnlyList<string> classNames)
    {
        var meter = new ClassificationMeter(classNames);
        meter.Add(scores, labels);
        return meter.Result();
    }

    /// <summary>The figures as lines for people.</summary>
    public string ToText() => MetricsText.Of(this);

    /// <summary>The figures as one JSON object. A figure that is no finite number is null.</summary>
    public string ToJson() => MetricsJson.Of(this);

    /// <summary>The most telling figures in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Count} samples: top-1 {Top1:0.0000}, loss {Loss:0.0000}");

    private ClassFigures FiguresOf(string name, int label)
    {
        var (right, support) = (Confusion[label, label], Confusion.Support(label));
        return new(name, Share(right, Confusion.Predicted(label)), Share(right, support), support);
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
