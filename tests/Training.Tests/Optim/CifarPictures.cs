using Anneal.Onnx;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Optim;

/// <summary>Pictures of the CIFAR-10 subset as numbers: picture i is of class i mod 10 and the i/10-th of its class, normalised and rounded to float32.</summary>
internal sealed class CifarPictures
{
    private const int Pixels = 32 * 32;
    private static readonly double[] Mean = [0.4914, 0.4822, 0.4465];
    private static readonly double[] Deviation = [0.2470, 0.2435, 0.2616];

    private readonly float[] _numbers;
    private readonly int _batch;

    public CifarPictures(int count, int batch)
    {
        string[] classes = [.. Directory.GetDirectories(TestData.Require("datasets", "cifar10-subset", "train")).Order(StringComparer.Ordinal)];
        _numbers = new float[count * 3 * Pixels];
        _batch = batch;
        var rgb = new byte[3 * Pixels];
        for (var i = 0; i < count; i++)
        {
            using var picture = ImageFile.Read(Path.Combine(classes[i % 10], $"{i / 10:D4}.jpg"));
            picture.CopyRgbTo(rgb);
            for (var c = 0; c < 3; c++)
                for (var p = 0; p < Pixels; p++)
                    _numbers[(((i * 3) + c) * Pixels) + p] = (float)(((rgb[(p * 3) + c] / 255.0) - Mean[c]) / Deviation[c]);
        }
    }

    /// <summary>The pictures of a step [N,3,32,32] and their classes [N].</summary>
    public (Tensor X, Tensor Labels) Batch(int step, DType dtype) =>
        (Tensor.From(_numbers.AsSpan(step * _batch * 3 * Pixels, _batch * 3 * Pixels), [_batch, 3, 32, 32]).To(dtype),
         Tensor.From([.. Enumerable.Range(step * _batch, _batch).Select(i => (long)i % 10)], [_batch]));
}
