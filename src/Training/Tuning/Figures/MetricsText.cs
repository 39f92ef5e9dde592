using System.Globalization;
using System.Text;

namespace Anneal.Training.Tuning;

/// <summary>Figures as lines for people.</summary>
internal static class MetricsText
{
    // More columns than this fit no screen; then the most frequent mistakes say more.
    private const int MostColumns = 10;
    private const int MostMistakes = 10;
    private const char Gap = '\n';

    public static string Of(ClassificationMetrics metrics)
    {
        var text = new StringBuilder();
        Line(text, $"{metrics.Count} samples, {metrics.ClassNames.Count} classes");
        Line(text, $"top-1  {metrics.Top1:0.0000}");
        Line(text, metrics.Top5 is { } top5 ? $"top-5  {top5:0.0000}" : (FormattableString)$"top-5  n/a: it says nothing with fewer than {ClassificationMeter.Near + 1} classes");
        Line(text, $"loss   {metrics.Loss:0.0000}");
        Line(text, $"ECE    {metrics.CalibrationError:0.0000} ({metrics.Calibration.Count} bins)");
        text.Append(Gap);
        AddClasses(text, metrics);
        text.Append(Gap);
        if (metrics.ClassNames.Count <= MostColumns)
            AddMatrix(text, metrics);
        else
            AddMistakes(text, metrics);
        return text.ToString();
    }

    private static void AddClasses(StringBuilder text, ClassificationMetrics metrics)
    {
        var width = metrics.ClassNames.Max(name => name.Length);
        width = Math.Max(width, "macro".Length);
        Line(text, $"{"class".PadRight(width)}  precision  recall  F1      samples");
        foreach (var figures in metrics.PerClass)
            Line(text, $"{figures.Name.PadRight(width)}  {figures.Precision,-9:0.0000}  {figures.Recall:0.0000}  {figures.F1:0.0000}  {figures.Support}");
        Line(text, $"{"macro".PadRight(width)}  {metrics.MacroPrecision,-9:0.0000}  {metrics.MacroRecall:0.0000}  {metrics.MacroF1:0.0000}  {metrics.Count}");
    }

    private static void AddMatrix(StringBuilder text, ClassificationMetrics metrics)
    {
        var names = metrics.ClassNames;
        var first = names.Max(name => name.Length);
        Line(text, $"true class by row, predicted class by column:");
        Line(text, $"{new string(' ', first)}  {string.Join("  ", names)}");
        for (var i = 0; i < names.Count; i++)
            Line(text, $"{names[i].PadRight(first)}  {string.Join("  ", names.Select((name, j) => $"{metrics.Confusion[i, j]}".PadLeft(name.Length)))}");
    }

    private static void AddMistakes(StringBuilder text, ClassificationMetrics metrics)
    {
        Line(text, $"most frequent mistakes:");
        foreach (var (truth, predicted, count) in metrics.Confusion.Mistakes(MostMistakes))
            Line(text, $"{count,6}  {metrics.ClassNames[truth]} taken for {metrics.ClassNames[predicted]}");
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
}
