namespace Anneal.Onnx.Wire;

/// <summary>How many elements and which field a tensor's type and dims ask for.</summary>
internal static class TensorLayout
{
    /// <summary>The product of the dims.</summary>
    /// <exception cref="InvalidModelException">A dim is negative, or the product does not fit 64 bits.</exception>
    public static long ElementCount(string name, ReadOnlySpan<long> dims)
    {
        var (count, hasZero) = (1L, dims.Contains(0));
        foreach (var dim in dims)
        {
            if (dim < 0)
                throw new InvalidModelException($"Tensor '{name}' has a negative extent: [{string.Join(',', dims.ToArray())}].");
            if (!hasZero && (count = Math.BigMul(count, dim, out var low) == 0 && low >= 0 ? low : -1) < 0)
                throw new InvalidModelException($"Tensor '{name}' promises more elements than 64 bits can count: [{string.Join(',', dims.ToArray())}].");
        }
        return hasZero ? 0 : count;
    }

    /// <summary>How many bytes hold so many elements of a type of fixed width; 0 for strings.</summary>
    /// <exception cref="InvalidModelException">64 bits cannot count them.</exception>
    public static long ByteLength(string name, DType type, long elements) => elements <= long.MaxValue / 16
        ? type.ByteLength(elements)
        : throw new InvalidModelException($"Tensor '{name}' promises {elements} elements of type {type}, more bytes than 64 bits can count.");

    /// <summary>The field of <c>TensorProto</c> that holds elements of a type when they are not raw bytes.</summary>
    public static TypedField FieldOf(DType type) => type switch
    {
        DType.Float32 or DType.Complex64 => TypedField.Float,
        DType.Double or DType.Complex128 => TypedField.Double,
        DType.Int64 => TypedField.Int64,
        DType.UInt32 or DType.UInt64 => TypedField.UInt64,
        DType.String => TypedField.String,
        _ => TypedField.Int32,
    };

    /// <summary>How many entries of that field hold so many elements: complex numbers take two, narrow types share one.</summary>
    public static long EntryCount(DType type, long elements) => type switch
    {
        DType.Complex64 or DType.Complex128 => elements <= long.MaxValue / 2 ? elements * 2 : long.MaxValue,
        _ when type.Bits() is > 0 and < 8 => type.ByteLength(elements),
        _ => elements,
    };
}
