using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>Reads what a model declares.</summary>
internal static class OrtSignatures
{
    public static TensorInfo[] Inputs(string subject, InferenceSession session) =>
        [.. session.InputNames.Select(name => Read(subject, "input", name, session.InputMetadata[name]))];

    public static TensorInfo[] Outputs(string subject, InferenceSession session) =>
        [.. session.OutputNames.Select(name => Read(subject, "output", name, session.OutputMetadata[name]))];

    private static TensorInfo Read(string subject, string kind, string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
            throw Signature.NoTensor(subject, kind, name, $"{metadata.OnnxValueType}");
        var symbols = metadata.SymbolicDimensions.Select(symbol => symbol is { Length: > 0 } ? symbol : null).ToArray();
        return new(name, OrtTensors.FromOrt(metadata.ElementDataType), [.. metadata.Dimensions.Select(extent => (long)extent)]) { Symbols = symbols };
    }
}
