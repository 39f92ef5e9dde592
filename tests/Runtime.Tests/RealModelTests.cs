using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime.Tests;

/// <summary>Real networks: what our session gives is, to the bit, what ONNX Runtime gives when it is driven directly.</summary>
public sealed class RealModelTests
{
    [Theory]
    [InlineData("squeezenet1.1-fp32-rebuilt.onnx")]
    [InlineData("resnet20-cifar10.onnx")]
    [InlineData("mobilenetv2-int8-goku.onnx")]
    [InlineData("resnet50v2-stage1-3-features.onnx")]
    [InlineData("cifar10-pytorch-tutorial-winml.onnx")]
    [InlineData("mnist-wonnx-opt.onnx")]
    public void A_real_model_gives_what_bare_ONNX_Runtime_gives(string file)
    {
        var path = TestData.Require("models", file);
        using var session = new OrtEngine().Open(path, new() { Device = Device.Cpu });
        var input = session.Inputs[0];
        var shape = input.Shape.Select(extent => extent < 0 ? 2 : extent).ToArray();
        var pixels = Pixels(shape);

        var output = Assert.Single(session.Run([NamedTensor.Create<float>(input.Name, pixels, shape)]));

        Assert.Equal(RunBare(path, input.Name, pixels, shape, out var expectedShape), output.As<float>().ToArray());
        Assert.Equal(expectedShape, output.Shape.ToArray());
    }

    private static float[] Pixels(long[] shape)
    {
        var random = new Random(1);
        var pixels = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        foreach (ref var pixel in pixels.AsSpan())
            pixel = random.NextSingle();
        return pixels;
    }

    private static float[] RunBare(string path, string name, float[] pixels, long[] shape, out long[] outputShape)
    {
        using var session = new InferenceSession(path);
        using var value = OrtValue.CreateTensorValueFromMemory(pixels, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [name], [value], session.OutputNames);
        outputShape = outputs[0].GetTensorTypeAndShape().Shape;
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
