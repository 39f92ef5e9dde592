using System.Security.Cryptography;
using System.Text;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>What a model answered on one photo, with all that the answer depends on.</summary>
internal sealed record FirstCheck(
    string Model, string Sha256, long? Opset, string Photo, IReadOnlyList<Prediction> Predictions, DateTimeOffset At, string Engine, string EngineVersion, Device Device)
{
    /// <summary>Adds the check to the model's record, one JSON object a line, and gives the record's path.</summary>
    public string AppendTo(string zooFolder)
    {
        var folder = Directory.CreateDirectory(Path.Combine(zooFolder, "checks")).FullName;
        var path = Path.Combine(folder, $"{Model}.jsonl");
        var line = Encoding.UTF8.GetBytes(ToJson() + "\n");
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(line);
        file.Flush(flushToDisk: true);
        return path;
    }

    private string ToJson() => JsonText.Object(json =>
    {
        json.WriteString("model", Model);
        json.WriteString("sha256", Sha256);
        if (Opset is { } opset)
            json.WriteNumber("opset", opset);
        json.WriteString("photo", Path.GetFullPath(Photo));
        json.WriteString("photoSha256", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Photo))));
        json.Objects("predictions", Predictions, prediction =>
        {
            json.WriteNumber("index", prediction.Index);
            json.WriteString("label", prediction.Label);
            json.WriteNumber("probability", prediction.Probability);
        });
        json.WriteString("at", At);
        json.WriteString("engine", Engine);
        json.WriteString("engineVersion", EngineVersion);
        json.WriteString("device", Device.ToString());
    });
}
