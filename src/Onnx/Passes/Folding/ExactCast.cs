using System.Numerics;

namespace Anneal.Onnx.Passes.Folding;

/// <summary>A change of element type in which every element stays the same number, so that no rounding has to be guessed.</summary>
internal static class ExactCast
{
    // Above it, not every integer is a double.
    private const long MostExact = 1L << 53;

    /// <summary>The tensor in another type; null when an element would change, is no number, or the types are not plain ones.</summary>
    public static TensorData? Apply(TensorData x, DType to)
    {
        if (Numbers(x) is not { } numbers)
            return null;
        return to switch
        {
            DType.Float32 => Create(numbers, x, number => (float)number, back => back),
            DType.Double => TensorData.Create("", numbers, x.Dims),
            DType.Float16 => Create(numbers, x, number => (Half)number, back => (double)back),
            DType.Int64 => Integers<long>(numbers, x),
            DType.Int32 => Integers<int>(numbers, x),
            DType.UInt8 => Integers<byte>(numbers, x),
            DType.Int8 => Integers<sbyte>(numbers, x),
            DType.Bool => TensorData.Create("", Array.ConvertAll(numbers, number => number != 0), x.Dims),
            _ => null,
        };
    }

    private static double[]? Numbers(TensorData x)
    {
        if (x.DType is DType.Float32 or DType.Float16)
            return Finite(Array.ConvertAll(x.ToFloats(), number => (double)number));
        if (x.DType == DType.Double)
            return Finite(x.As<double>().ToArray());
        if (x.DType is DType.UInt64 || (!x.DType.IsInteger() && x.DType != DType.Bool))
            return null;
        var integers = x.ToInt64s();
        return Array.TrueForAll(integers, number => number is <= MostExact and >= -MostExact) ? Array.ConvertAll(integers, number => (double)number) : null;
    }

    private static double[]? Finite(double[] numbers) => Array.TrueForAll(numbers, double.IsFinite) ? numbers : null;

    private static TensorData? Integers<T>(double[] numbers, TensorData x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> =>
        Array.TrueForAll(numbers, number => Math.Abs(number) <= MostExact) ? Create(numbers, x, T.CreateSaturating, back => double.CreateSaturating(back)) : null;

    private static TensorData? Create<T>(double[] numbers, TensorData x, Func<double, T> convert, Func<T, double> back) where T : unmanaged
    {
        var converted = Array.ConvertAll(numbers, number => convert(number));
        for (var i = 0; i < numbers.Length; i++)
            if (back(converted[i]) != numbers[i])
                return null;
        return TensorData.Create("", converted, x.Dims);
    }
}
