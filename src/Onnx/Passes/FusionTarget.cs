namespace Anneal.Onnx.Passes;

/// <summary>Who will run a model: which operators beyond ONNX's own it may contain.</summary>
public enum FusionTarget
{
    /// <summary>Any runtime: ONNX's own operators only.</summary>
    AnyRuntime,

    /// <summary>ONNX Runtime on the CPU, with the operators of its domain <c>com.microsoft</c>.</summary>
    OnnxRuntimeCpu,
}
