using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Anneal.Training.Tuning;

/// <summary>Figures as JSON.</summary>
internal static class MetricsJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(ClassificationMetrics metrics)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
            Write(json, metrics);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, ClassificationMetrics metrics)
    {
        json.WriteStartObject();
        json.WriteNumber("count", metrics.Count);
        Number(json, "top1", metrics.Top1);
        Number(json, "top5", metrics.Top5);
        Number(json, "loss", metrics.Loss);
        Number(json, "calibrationError", metrics.CalibrationError);
        Number(json, "macroPrecision", metrics.MacroPrecision);
        Number(json, "macroRecall", metrics.MacroRecall);
        Number(json, "macroF1", metrics.MacroF1);
        WriteClasses(json, metrics.PerClass);
        WriteMatrix(json, metrics.Confusion);
        WriteCalibration(json, metrics.Calibration);
        json.WriteEndObject();
    }

    private static void WriteClasses(Utf8JsonWriter json, IReadOnlyList<ClassFigures> classes)
    {
        json.WriteStartArray("classes");
        foreach (var figures in classes)
        {
            json.WriteStartObject();
            json.WriteString("name", figures.Name);
            Number(json, "precision", figures.Precision);
            Number(json, "recall", figures.Recall);
            Number(json, "f1", figures.F1);
            json.WriteNumber("support", figures.Support);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>A row for each true class.</summary>
    private static void WriteMatrix(Utf8JsonWriter json, ConfusionMatrix confusion)
    {
        json.WriteStartArray("confusion");
        for (var truth = 0; truth < confusion.ClassCount; truth++)
        {
            json.WriteStartArray();
            for (var predicted = 0; predicted < confusion.ClassCount; predicted++)
                json.WriteNumberValue(confusion[truth, predicted]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteCalibration(Utf8JsonWriter json, IReadOnlyList<CalibrationBin> bins)
    {
        json.WriteStartArray("calibration");
        foreach (var bin in bins)
        {
            json.WriteStartObject();
            Number(json, "above", bin.Above);
            Number(json, "upTo", bin.UpTo);
            json.WriteNumber("count", bin.Count);
            Number(json, "confidence", bin.Confidence);
            Number(json, "accuracy", bin.Accuracy);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } known && double.IsFinite(known))
            json.WriteNumber(name, known);
        else
            json.WriteNull(name);
    }
}
