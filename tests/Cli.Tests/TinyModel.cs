using Anneal.Cli.Checkup;
using Anneal.Onnx;

namespace Anneal.Cli.Tests;

/// <summary>A folder with a model that tells red from blue, its card, and a few inputs; everything that needs no real data runs on it.</summary>
public sealed class TinyModel : IDisposable
{
    private readonly TempFolder _folder = new();

    public TinyModel()
    {
        OnnxFile.Save(RedOrBlue.Build(), Model);
        File.WriteAllText(Card, """
            {
              "name": "red-or-blue", "summary": "Red or blue", "outputKind": "probabilities",
              "output": { "name": "probabilities", "shape": [-1, 2] },
              "preprocessing": { "color": "rgb", "orientation": "ignore", "crop": { "height": 64, "width": 64 }, "divide": 255, "layout": "nchw" },
              "labels": "labels.txt"
            }
            """);
        File.WriteAllText(_folder["labels.txt"], "red\nblue\n");
        Directory.CreateDirectory(Photos);
        Directory.CreateDirectory(_folder["empty"]);
        File.WriteAllBytes(_folder["photos", "a.bmp"], Sunset.Draw());
        File.WriteAllBytes(_folder["photos", "b.bmp"], Sunset.Draw());
        File.WriteAllText(_folder["photos", "notes.txt"], "no picture");
    }

    public string Model => _folder["red-or-blue.onnx"];

    public string Card => _folder["card.json"];

    public string Photos => _folder["photos"];

    public string this[params string[] parts] => _folder[parts];

    /// <summary>The arguments that classify with this model, and those given.</summary>
    public string[] Classify(params string[] args) => ["classify", "--model", Model, "--card", Card, .. args];

    public void Dispose() => _folder.Dispose();
}
