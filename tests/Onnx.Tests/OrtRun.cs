using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Anneal.Onnx.Tests;

/// <summary>Runs a model in ONNX Runtime, whose own optimisations are off, so that they neither hide nor add a difference.</summary>
internal static class OrtRun
{
    /// <summary>The outputs, under their names and in their order.</summary>
    public static IReadOnlyList<TensorData> Run(Model model, IReadOnlyList<TensorData> inputs, int threads = 1)
    {
        using var options = Options(threads);
        using var session = new InferenceSession(OnnxFile.ToBytes(model), options);
        return Run(session, inputs);
    }

    /// <summary>As <see cref="Run(Model, IReadOnlyList{TensorData}, int)"/>, through a file, for models whose bytes should not be in memory twice.</summary>
    public static IReadOnlyList<TensorData> Run(string path, IReadOnlyList<TensorData> inputs, int threads = 1)
    {
        using var options = Options(threads);
        using var session = new InferenceSession(path, options);
        return Run(session, inputs);
    }

    /// <summary>A value as a tensor.</summary>
    public static TensorData Tensor(string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return TensorData.FromBytes(name, (DType)(int)info.ElementDataType, info.Shape, value.GetTensorMutableRawData().ToArray());
    }

    private static SessionOptions Options(int threads) => new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        IntraOpNumThreads = threads,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    private static IReadOnlyList<TensorData> Run(InferenceSession session, IReadOnlyList<TensorData> inputs)
    {
        using var run = new RunOptions();
        var values = inputs.Select(Value).ToArray();
        try
        {
            using var outputs = session.Run(run, [.. inputs.Select(input => input.Name)], values, session.OutputNames);
            return [.. session.OutputNames.Zip(outputs, Tensor)];
        }
        finally
        {
            foreach (var value in values)
                value.Dispose();
        }
    }

    private static OrtValue Value(TensorData tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)tensor.DType, tensor.Dims.ToArray());
        tensor.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }
}
