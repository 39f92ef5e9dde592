using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>The example by which a file proves itself anywhere: a small picture of the validation data, or numbers made by a formula.</summary>
internal static class GoldenPicture
{
    public static GoldenExample Of(Model model, ModelCard card, IDataset<PictureSample> data) =>
        Small(data) is { Length: > 0 } picture ? GoldenExample.Create(model, card, picture) : GoldenExample.Create(model, card, seed: 0);

    private static ReadOnlyMemory<byte> Small(IDataset<PictureSample> data)
    {
        for (var i = 0; i < data.Count; i++)
            if (data.FileOf(i) is { } path && new FileInfo(path).Length <= GoldenExample.LargestPicture)
                return File.ReadAllBytes(path);
        return default;
    }
}
