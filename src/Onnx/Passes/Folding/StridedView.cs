namespace Anneal.Onnx.Passes.Folding;

/// <summary>A tensor of whole bytes that is read in another order: along each axis of the result in steps of its own.</summary>
internal sealed class StridedView
{
    private readonly DType _dtype;
    private readonly ReadOnlyMemory<byte> _bytes;

    private StridedView(TensorData tensor, long[] strides) => (_dtype, _bytes, Strides) = (tensor.DType, tensor.Bytes, strides);

    /// <summary>From one element to the next along each axis of the tensor, in elements.</summary>
    public long[] Strides { get; }

    public static StridedView Of(TensorData tensor)
    {
        var (strides, step) = (new long[tensor.Dims.Length], 1L);
        for (var axis = strides.Length - 1; axis >= 0; axis--)
            (strides[axis], step) = (step, step * tensor.Dims[axis]);
        return new(tensor, strides);
    }

    /// <summary>The elements from an offset on, with a step for each axis of the result.</summary>
    public TensorData Read(long[] dims, long[] strides, long offset)
    {
        var width = _dtype.Bits() / 8;
        var elements = new byte[_dtype.ByteLength(dims.Aggregate(1L, (a, b) => a * b))];
        var (index, from) = (new long[dims.Length], offset);
        for (var at = 0; at < elements.Length; at += width)
        {
            _bytes.Span.Slice((int)(from * width), width).CopyTo(elements.AsSpan(at));
            for (var axis = dims.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < dims[axis])
                    break;
                from -= dims[axis] * strides[axis];
                index[axis] = 0;
            }
        }
        return TensorData.FromBytes("", _dtype, dims, elements);
    }
}
