using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>What a safetensors file holds.</summary>
/// <param name="Tensors">The tensors by name, in the order in which they lie in the file.</param>
/// <param name="Metadata">The texts of <c>__metadata__</c>; empty where the file has none.</param>
public sealed record SafeTensorsFile(IReadOnlyDictionary<string, TensorData> Tensors, IReadOnlyDictionary<string, string> Metadata);
