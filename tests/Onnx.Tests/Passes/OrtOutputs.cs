using Microsoft.ML.OnnxRuntime;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>What ONNX Runtime computes, as tensors, and how it differs from what it should be.</summary>
internal static class OrtOutputs
{
    /// <summary>The outputs of a model on the first data set beside the file that it came from.</summary>
    public static TensorData[] Run(Model model, string path)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(OnnxFile.ToBytes(model), options);
        using var run = new RunOptions();
        var inputs = OrtVectors.Inputs(path, session).Select(make => make()).ToArray();
        try
        {
            using var outputs = session.Run(run, session.InputNames.Take(inputs.Length).ToArray(), inputs, session.OutputNames);
            return [.. outputs.Select(value => OrtRun.Tensor("", value))];
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    /// <summary>The tensors in files <c>output_0.pb</c> and on.</summary>
    public static TensorData[] Stored(string folder, string kind = "output") =>
        [.. Enumerable.Range(0, 100).Select(i => Path.Combine(folder, "test_data_set_0", $"{kind}_{i}.pb")).TakeWhile(File.Exists).Select(path => TensorFile.Load(path))];

    /// <summary>The first difference beyond the tolerance, in words; null when there is none.</summary>
    public static string? Difference(TensorData expected, TensorData found, double relative, double absolute)
    {
        if (expected.DType != found.DType || !expected.Dims.SequenceEqual(found.Dims))
            return $"{found.Type} where {expected.Type} should be";
        var (a, b) = (expected.ToFloats(), found.ToFloats());
        for (var i = 0; i < a.Length; i++)
            if (!a[i].Equals(b[i]) && !(Math.Abs(a[i] - b[i]) <= absolute + (relative * Math.Abs(a[i]))))
                return $"element {i} is {b[i]} where {a[i]} should be";
        return null;
    }
}
