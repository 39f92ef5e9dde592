using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>What ONNX Runtime computes of a model as it stands: its own optimizations are off.</summary>
internal static class OrtNumbers
{
    /// <summary>All outputs, one after the other, for given inputs.</summary>
    public static float[][] Run(Model model, IReadOnlyList<TensorData> inputs)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(OnnxFile.ToBytes(model), options);
        using var run = new RunOptions();
        OrtValue[] values = [.. inputs.Select(Value)];
        using var outputs = session.Run(run, [.. inputs.Select(input => input.Name)], values, session.OutputNames);
        foreach (var value in values)
            value.Dispose();
        return [.. outputs.Select(Floats)];
    }

    /// <summary>Seeded numbers for the inputs that a caller must give, open extents being the batch.</summary>
    public static TensorData[] Inputs(Model model, int batch = 1, string seed = "") => [.. model.Graph.RequiredInputs.Select(input => Input(input, batch, seed))];

    /// <summary>The greatest difference of two runs, relative to the greatest number of the output.</summary>
    public static double Difference(float[][] a, float[][] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, Difference).Max();
    }

    private static double Difference(float[] a, float[] b)
    {
        Assert.Equal(a.Length, b.Length);
        Assert.All(a, x => Assert.True(float.IsFinite(x)));
        var scale = Math.Max(1e-6, a.Max(Math.Abs));
        return a.Zip(b, (x, y) => float.IsFinite(y) ? Math.Abs((double)x - y) / scale : double.PositiveInfinity).Max();
    }

    private static TensorData Input(Value input, int batch, string seed)
    {
        var type = (TensorType)input.Type!;
        long[] dims = [.. type.Shape!.Select(dim => dim.IsKnown ? dim.Value : batch)];
        return RowGraph.Tensor(input.Name, type.ElementType, RowGraph.Numbers(input.Name + seed, dims.Aggregate(1L, (a, b) => a * b)), dims);
    }

    private static OrtValue Value(TensorData tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)tensor.DType, tensor.Dims.ToArray());
        tensor.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static float[] Floats(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return TensorData.FromBytes("", (DType)(int)info.ElementDataType, info.Shape, value.GetTensorMutableRawData().ToArray()).ToFloats();
    }
}
