using System.Text;

namespace Anneal.Zoo.Tests.Catalogue;

/// <summary>A small catalogue that is right in every way, to lay over others or to break.</summary>
internal static class CatalogueFiles
{
    public const string Card = """
        {
              "name": "mine",
              "aliases": ["mine-1"],
              "summary": "A network of my own",
              "file": {
                "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "sizeBytes": 42,
                "sources": ["https://example.org/mine.onnx", "file:mine.onnx"]
              },
              "opset": 17,
              "input": { "name": "x", "shape": [-1, 3, 32, 32] },
              "output": { "name": "y", "shape": [-1, 10] },
              "outputKind": "logits",
              "preprocessing": {
                "color": "rgb",
                "orientation": "apply",
                "resize": { "mode": "shorter-side", "height": 32, "width": 32, "filter": "bilinear", "style": "pillow" },
                "crop": { "height": 32, "width": 32 },
                "divide": 255,
                "mean": [0.5, 0.5, 0.5],
                "std": [0.25, 0.25, 0.25],
                "layout": "nchw"
              },
              "labels": "cifar10",
              "accuracy": [{ "dataset": "mine", "top1": 90.5, "top5": 99, "source": "me" }],
              "licence": { "id": "MIT", "assertedBy": "me" },
              "weights": "published",
              "evidence": { "weights": { "confidence": "stated", "basis": "I trained it." } }
            }
        """;

    public static string Catalogue(params string[] cards) => $$"""
        {
          // what I trained
          "$schema": "models.schema.json",
          "models": [
            {{string.Join(",\n    ", cards)}},
          ],
        }
        """;

    public static ModelCatalog Parse(string json) => ModelCatalog.Parse(new MemoryStream(Encoding.UTF8.GetBytes(json)), "test.json");

    /// <summary>The text with one place in it changed; the place must be there exactly once.</summary>
    public static string With(this string text, string place, string change)
    {
        Assert.Equal(2, text.Split(place).Length);
        return text.Replace(place, change, StringComparison.Ordinal);
    }
}
