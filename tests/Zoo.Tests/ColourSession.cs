using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo.Tests;

/// <summary>A model whose three classes are red, green and blue: the score of a picture [3,2,2] for a class is the mean of that plane.</summary>
internal sealed class ColourSession(int batch = -1) : IModelSession
{
    public string Engine => "colour";

    public Device Device => Device.Cpu;

    public IReadOnlyList<TensorInfo> Inputs => [new("x", DType.Float32, [batch, 3, 2, 2])];

    public IReadOnlyList<TensorInfo> Outputs => [new("y", DType.Float32, [batch, 3])];

    public IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string>();

    public IReadOnlyList<string> Notices => [];

    public IReadOnlyList<NodePlacement>? Placement => null;

    /// <summary>How many pictures each run was given, in the order of the runs.</summary>
    public List<int> Fed { get; } = [];

    /// <summary>What a run does before it answers.</summary>
    public Action<CancellationToken> Before { get; init; } = _ => { };

    public bool IsDisposed { get; private set; }

    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation = default)
    {
        Before(cancellation);
        var x = inputs.Single();
        var pictures = (int)x.Shape[0];
        lock (Fed)
            Fed.Add(pictures);
        var scores = new float[3 * pictures];
        for (var plane = 0; plane < scores.Length; plane++)
            foreach (var value in x.As<float>().Span.Slice(plane * 4, 4))
                scores[plane] += value / 4;
        return [NamedTensor.Create<float>("y", scores, pictures, 3)];
    }

    public void Run(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs, CancellationToken cancellation = default) =>
        Run(inputs, cancellation)[0].As<float>().CopyTo(outputs[0].As<float>());

    public void Dispose() => IsDisposed = true;

    /// <summary>A BMP file of 2 × 2 pixels, 24 bits each (blue, green, red), rows padded to 8 bytes: 54 bytes of headers, 16 of pixels.</summary>
    public static byte[] Bitmap(char colour)
    {
        var file = new byte[70];
        "BM"u8.CopyTo(file);
        (file[2], file[10], file[14], file[18], file[22], file[26], file[28]) = (70, 54, 40, 2, 2, 1, 24);
        for (var row = 0; row < 2; row++)
            for (var column = 0; column < 2; column++)
                file[54 + (8 * row) + (3 * column) + "bgr".IndexOf(colour, StringComparison.Ordinal)] = 200;
        return file;
    }
}
