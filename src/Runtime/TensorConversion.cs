using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>Between constants of a model and tensors of a run: the same elements, copied.</summary>
internal static unsafe class TensorConversion
{
    public static NamedTensor ToNamed(string name, TensorData data)
    {
        var tensor = NamedTensor.Allocate(name, data.DType, data.Dims);
        if (data.DType == DType.String)
        {
            data.Strings.ToArray().CopyTo(tensor.As<string>());
            return tensor;
        }
        using var pin = tensor.Storage.Pin();
        data.Bytes.Span.CopyTo(new(pin.Pointer, data.Bytes.Length));
        return tensor;
    }

    public static TensorData ToData(NamedTensor tensor)
    {
        if (tensor.DType == DType.String)
            return TensorData.FromStrings(tensor.Name, tensor.As<string>().ToArray(), tensor.Shape);
        var elements = tensor.Extents.Aggregate(1L, (product, extent) => product * extent);
        using var pin = tensor.Storage.Pin();
        return TensorData.FromBytes(tensor.Name, tensor.DType, tensor.Shape, new Span<byte>(pin.Pointer, (int)tensor.DType.ByteLength(elements)).ToArray());
    }
}
