using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>How one kind of native failure is told.</summary>
/// <param name="Code">The status code it comes with, or null for any.</param>
/// <param name="Fragment">A fragment of the native text, or empty for any.</param>
/// <param name="Cause">The rest of the sentence that begins with the model's name.</param>
/// <param name="Make">The exception of ours.</param>
internal sealed record OrtErrorRule(string? Code, string Fragment, string Cause, Func<string, Exception, AnnealException> Make)
{
    public bool Matches(string code, string text) =>
        (Code is null || Code == code) && text.Contains(Fragment, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The table of native failures, most particular first.</summary>
internal static class OrtErrorRules
{
    public static IReadOnlyList<OrtErrorRule> All { get; } =
    [
        new(null, "No Op registered for", "uses an operator that ONNX Runtime does not know: a newer opset, a misspelt name, or a domain of custom operators.", InvalidModel),
        new(null, "is not a registered function/op", "uses an operator that ONNX Runtime does not know: a newer opset, a misspelt name, or a domain of custom operators.", InvalidModel),
        new(null, "no opset import for domain", "uses a domain of operators that it does not import.", InvalidModel),
        new(null, "is under development and support for this is limited", "asks for a newer opset than this ONNX Runtime has: export it with an older opset or update the ONNX Runtime package.", InvalidModel),
        new(null, "unsupported model IR version", "is written in a newer version of the format than this ONNX Runtime reads: export it with an older one or update the ONNX Runtime package.", InvalidModel),
        new("NotImplemented", "", "needs an operator, version or element type that this ONNX Runtime has no kernel for.", InvalidModel),
        new("InvalidProtobuf", "", "is not an ONNX model: the file is truncated, damaged or of another kind.", InvalidModel),
        new("NoSuchFile", "", "does not exist or names a file of weights that does not.", InvalidModel),
        new("NoModel", "", "holds no model.", InvalidModel),
        new("InvalidGraph", "", "is not a valid graph.", InvalidModel),
        new(null, "external data", "keeps weights in another file that cannot be used: it is missing, too short, or outside the model's folder.", InvalidModel),
        new(null, "Unregistered TensorElementType", "has an input or an output of an element type that ONNX Runtime's C# interface cannot carry (8-bit floats, 4- and 2-bit types): cast it inside the model.", InvalidModel),
        new(null, "is not currently registered or supported", "uses an element type that this ONNX Runtime does not support.", InvalidModel),
        new(null, "No graph was found", "is not an ONNX model: the file is empty or of another kind.", InvalidModel),
        new(null, "Invalid model", "is not a valid graph.", InvalidModel),
        new(null, "but the computed output shape for this run is", Signature.OtherOutputShape, ShapeMismatch),
        new(null, "shape verification failed", Signature.OtherOutputShape, ShapeMismatch),
        new(null, "Got invalid dimensions", "was given a tensor of another shape than it declares.", ShapeMismatch),
        new(null, "fallback to CPU EP has been explicitly disabled", $"has nodes that the GPU's provider cannot run. Set {nameof(EngineOptions)}.{nameof(EngineOptions.AllowCpuFallback)} to let the processor run those, and be told which.", DeviceUnavailable),
        new(null, "CUDA failure", "could not use the GPU.", DeviceUnavailable),
        new(null, "Failed to allocate memory", "needs more memory than can be had.", Plain),
    ];

    private static InvalidModelException InvalidModel(string message, Exception cause) => new(message, cause);

    private static ShapeMismatchException ShapeMismatch(string message, Exception cause) => new(message);

    private static DeviceUnavailableException DeviceUnavailable(string message, Exception cause) => new(message, cause);

    private static AnnealException Plain(string message, Exception cause) => new(message, cause);
}
