using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>
/// A constant tensor that states only some of its elements; the others are zero or empty strings (<c>SparseTensorProto</c>).
/// </summary>
public sealed class SparseTensor : ModelPart
{
    private readonly long[] _dims;

    /// <summary>A sparse tensor.</summary>
    /// <param name="values">The stated elements, [NNZ]; their name is the tensor's.</param>
    /// <param name="indices">Where they stand: int64 [NNZ] counted over the whole tensor, or [NNZ, rank].</param>
    /// <param name="dims">The dense tensor's extents.</param>
    public SparseTensor(TensorData? values, TensorData? indices, params ReadOnlySpan<long> dims)
    {
        (Values, Indices, _dims) = (values, indices, dims.ToArray());
        ElementCount = TensorLayout.ElementCount(Name, dims);
    }

    /// <summary>The name: that of the values.</summary>
    public string Name => Values?.Name ?? "";

    /// <summary>The stated elements, [NNZ]; null when the file has none.</summary>
    public TensorData? Values { get; }

    /// <summary>Where they stand, [NNZ] or [NNZ, rank]; null when the file does not say.</summary>
    public TensorData? Indices { get; }

    /// <summary>The dense tensor's extents.</summary>
    public ReadOnlySpan<long> Dims => _dims;

    /// <summary>The dense tensor's number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>The type that a value holding this tensor has.</summary>
    public TensorType Type => new(Values?.DType ?? DType.Undefined, Shape.Of(_dims));

    /// <summary>The same tensor under another name; the elements are shared.</summary>
    public SparseTensor WithName(string name) => new(Values?.WithName(name), Indices, _dims) { Trace = Trace };
}
