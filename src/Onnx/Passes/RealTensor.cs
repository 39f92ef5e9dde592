namespace Anneal.Onnx.Passes;

/// <summary>Constants of real numbers, read as double and rounded once to the type they are written in: what arithmetic on weights needs.</summary>
internal static class RealTensor
{
    /// <summary>Whether a type is one that weights come in: float32, double, float16 or bfloat16.</summary>
    public static bool IsReal(this DType dtype) => dtype is DType.Float32 or DType.Double or DType.Float16 or DType.BFloat16;

    /// <summary>The elements, each exactly.</summary>
    public static double[] ToDoubles(this TensorData tensor) =>
        tensor.DType == DType.Double ? tensor.As<double>().ToArray() : Array.ConvertAll(tensor.ToFloats(), x => (double)x);

    /// <summary>A tensor of elements that are rounded to its type; null when one of them is not finite there.</summary>
    public static TensorData? Round(string name, DType dtype, ReadOnlySpan<long> dims, double[] elements) => dtype switch
    {
        DType.Double => Finite(name, dims, elements, x => x, double.IsFinite),
        DType.Float32 => Finite(name, dims, elements, x => (float)x, float.IsFinite),
        DType.Float16 => Finite(name, dims, elements, x => (Half)x, Half.IsFinite),
        _ => RoundToBFloat16(name, dims, elements),
    };

    private static TensorData? Finite<T>(string name, ReadOnlySpan<long> dims, double[] elements, Converter<double, T> round, Predicate<T> isFinite)
        where T : unmanaged
    {
        var rounded = Array.ConvertAll(elements, round);
        return Array.TrueForAll(rounded, isFinite) ? TensorData.Create(name, rounded, dims) : null;
    }

    private static TensorData? RoundToBFloat16(string name, ReadOnlySpan<long> dims, double[] elements)
    {
        var bytes = new byte[elements.Length * 2];
        for (var i = 0; i < elements.Length; i++)
        {
            var bits = SmallFloats.ToBFloat16(RoundToOdd(elements[i]));
            if (!float.IsFinite(SmallFloats.FromBFloat16(bits)))
                return null;
            BitConverter.TryWriteBytes(bytes.AsSpan(i * 2), bits);
        }
        return TensorData.FromBytes(name, DType.BFloat16, dims, bytes);
    }

    /// <summary>
    /// A float that leads to the same bfloat16 as the double itself: where the double lies between two floats, the one whose last bit is 1, so that
    /// no tie arises that was none (S. Boldo, G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd").
    /// </summary>
    private static float RoundToOdd(double value)
    {
        var nearest = (float)value;
        if (!float.IsFinite(nearest) || nearest == value)
            return nearest;
        var bits = BitConverter.SingleToInt32Bits(nearest);
        if (Math.Abs((double)nearest) > Math.Abs(value))
            bits--;
        return BitConverter.Int32BitsToSingle(bits | 1);
    }
}
