namespace Anneal.Onnx;

/// <summary>Names the tensors that hold a value's quantization parameters (<c>TensorAnnotation</c>).</summary>
public sealed class QuantizationAnnotation : ModelPart
{
    /// <summary>An annotation of a value.</summary>
    public QuantizationAnnotation(string tensorName) => TensorName = tensorName;

    /// <summary>The annotated value's name.</summary>
    public string TensorName { get; set; }

    /// <summary>Role (<c>SCALE_TENSOR</c>, <c>ZERO_POINT_TENSOR</c>) to the name of the tensor that plays it.</summary>
    public Metadata Parameters { get; } = new();

    /// <summary>A copy that calls values by other names.</summary>
    internal QuantizationAnnotation Copy(Func<string, string> rename)
    {
        var copy = new QuantizationAnnotation(rename(TensorName)) { Trace = Trace };
        foreach (var parameter in Parameters)
            copy.Parameters.Add(rename(parameter.Value) is var name && name == parameter.Value ? parameter : new(parameter.Key, name));
        return copy;
    }
}
