using System.Text.Json;
using Anneal.Onnx;
using Anneal.Training.Tuning;

namespace Anneal.Training.Tests.Tuning;

public sealed class ClassificationMetricsTests
{
    private static readonly JsonElement Golden = GoldenFile.Read("metrics.json").GetProperty("cases");

    private static readonly string[] Insects = ["ants", "bees"];

    [Theory]
    [InlineData("three", 1)]
    [InlineData("three", 40)]
    [InlineData("seven", 64)]
    public void Figures_are_those_of_scikit_learn_however_the_batches_are_cut(string name, int batch)
    {
        var golden = Golden.GetProperty(name);
        var metrics = Measure(golden, batch);
        Assert.Equal(golden.GetProperty("top1").GetDouble(), metrics.Top1, 12);
        Assert.Equal(golden.GetProperty("top5").ValueKind == JsonValueKind.Null ? null : golden.GetProperty("top5").GetDouble(), metrics.Top5);
        Close(golden.GetProperty("loss").GetDouble(), metrics.Loss);
        Close(golden.GetProperty("calibrationError").GetDouble(), metrics.CalibrationError);
        Close(golden.Numbers("macro"), [metrics.MacroPrecision, metrics.MacroRecall, metrics.MacroF1]);
        Close(golden.Numbers("precision"), metrics.PerClass.Select(figures => figures.Precision));
        Close(golden.Numbers("recall"), metrics.PerClass.Select(figures => figures.Recall));
        Close(golden.Numbers("f1"), metrics.PerClass.Select(figures => figures.F1));
        Assert.Equal(golden.Numbers("support"), metrics.PerClass.Select(figures => (double)figures.Support));
        var count = metrics.ClassNames.Count;
        Assert.Equal(golden.Numbers("confusion"), Enumerable.Range(0, count * count).Select(i => (double)metrics.Confusion[i / count, i % count]));
    }

    [Fact]
    public void Batches_change_no_bit_of_a_figure() =>
        Assert.Equal(Measure(Golden.GetProperty("seven"), 1).ToJson(), Measure(Golden.GetProperty("seven"), 150).ToJson());

    [Fact]
    public void Four_samples_worked_by_hand()
    {
        // Right and sure (e/(1+e) ~ 0.73), wrong and sure, right and torn (equal scores: the first class counts), right and very sure.
        var meter = new ClassificationMeter(Insects);
        meter.Add([1, 0, 1, 0, 0, 0, -3, 3], [0, 1, 0, 1]);
        var metrics = meter.Result();
        Assert.Equal((0.75, null, 4), (metrics.Top1, metrics.Top5, metrics.Count));
        var loss = (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.E) + Math.Log(2) + Math.Log(1 + Math.Exp(-6))) / 4;
        Close(loss, metrics.Loss);
        // Bins of 1/15: 0.731 lies in the 11th with accuracy 1/2, 0.5 in the 8th with 1, 0.9975 in the last with 1.
        var sure = 1 / (1 + Math.Exp(-1));
        Close(((2 * (sure - 0.5)) + 0.5 + (1 - (1 / (1 + Math.Exp(-6))))) / 4, metrics.CalibrationError);
        Assert.Equal([1, 0.5], metrics.PerClass.Select(figures => figures.Recall));
        Assert.Equal((2, 1), (metrics.Confusion[0, 0], metrics.Confusion[1, 0]));
        Assert.Equal([(1, 0, 1L)], metrics.Confusion.Mistakes(5));
        Assert.Equal([8, 11, 15], metrics.Calibration.Where(bin => bin.Count > 0).Select(bin => (int)Math.Round(bin.UpTo * 15)));
    }

    [Fact]
    public void Probabilities_give_the_figures_of_their_logarithms()
    {
        var (logits, probabilities) = (new ClassificationMeter(Insects), new ClassificationMeter(Insects, areProbabilities: true));
        float[] shares = [0.25f, 0.75f, 0.9f, 0.1f];
        probabilities.Add(shares, [1, 1]);
        logits.Add([.. shares.Select(share => MathF.Log(share))], [1, 1]);
        Assert.Equal(logits.Result().Loss, probabilities.Result().Loss, 6);
        Assert.Equal(logits.Result().CalibrationError, probabilities.Result().CalibrationError, 6);
    }

    [Fact]
    public void The_text_has_every_figure()
    {
        var meter = new ClassificationMeter(Insects);
        meter.Add([1, 0, 1, 0, 0, 0, -3, 3], [0, 1, 0, 1]);
        Assert.Equal("""
            4 samples, 2 classes
            top-1  0.7500
            top-5  n/a: it says nothing with fewer than 6 classes
            loss   0.5805
            ECE    0.2411 (15 bins)

            class  precision  recall  F1      samples
            ants   0.6667     1.0000  0.8000  2
            bees   1.0000     0.5000  0.6667  2
            macro  0.8333     0.7500  0.7333  4

            true class by row, predicted class by column:
                  ants  bees
            ants     2     0
            bees     1     1

            """.ReplaceLineEndings("\n"), meter.Result().ToText());
    }

    [Fact]
    public void Of_many_classes_the_text_lists_the_most_frequent_mistakes()
    {
        var meter = new ClassificationMeter([.. Enumerable.Range(0, 12).Select(i => $"c{i}")]);
        var scores = new float[12 * 3];
        (scores[4], scores[12 + 4], scores[24 + 5]) = (1, 1, 1);
        meter.Add(scores, [7, 7, 2]);
        Assert.EndsWith("most frequent mistakes:\n     2  c7 taken for c4\n     1  c2 taken for c5\n", meter.Result().ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_JSON_can_be_read_and_has_null_for_what_is_no_number()
    {
        var meter = new ClassificationMeter(Insects, areProbabilities: true);
        meter.Add([0, 1], [0]);
        using var json = JsonDocument.Parse(meter.Result().ToJson());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("loss").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("top5").ValueKind);
        Assert.Equal("[[0,1],[0,0]]", json.RootElement.GetProperty("confusion").GetRawText());
        Assert.Equal(1, json.RootElement.GetProperty("classes")[0].GetProperty("support").GetInt64());
    }

    [Fact]
    public void What_cannot_be_measured_is_refused()
    {
        var meter = new ClassificationMeter(Insects);
        Assert.Contains("no samples", Assert.Throws<AnnealException>(() => meter.Result()).Message, StringComparison.Ordinal);
        Assert.Contains("Label 2 is no class", Assert.Throws<AnnealException>(() => meter.Add([1, 0], [2])).Message, StringComparison.Ordinal);
        Assert.Contains("no numbers any more", Assert.Throws<AnnealException>(() => meter.Add([1, float.NaN], [0])).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeMismatchException>(() => meter.Add([1, 0, 1], [0]));
        Assert.Throws<ShapeMismatchException>(() => meter.Add(Tensor.From([1f, 0, 1], [1, 3]), Tensor.From([0L], [1])));
        Assert.Contains("at least two classes", Assert.Throws<AnnealException>(() => new ClassificationMeter(["one"])).Message, StringComparison.Ordinal);
        Assert.Equal(0, meter.Count);
    }

    private static ClassificationMetrics Measure(JsonElement golden, int batch)
    {
        var classes = golden.GetProperty("classes").GetInt32();
        float[] scores = [.. golden.Numbers("scores").Select(score => (float)score)];
        long[] labels = [.. golden.Numbers("labels").Select(label => (long)label)];
        var meter = new ClassificationMeter([.. Enumerable.Range(0, classes).Select(i => $"class {i}")]);
        for (var at = 0; at < labels.Length; at += batch)
        {
            var end = Math.Min(labels.Length, at + batch);
            meter.Add(Tensor.From(scores[(at * classes)..(end * classes)], [end - at, classes]), Tensor.From(labels[at..end], [end - at]));
        }
        return meter.Result();
    }

    private static void Close(double expected, double actual) => Assert.Equal(expected, actual, 1e-9);

    private static void Close(IEnumerable<double> expected, IEnumerable<double> actual) =>
        Assert.All(expected.Zip(actual), pair => Close(pair.First, pair.Second));
}
