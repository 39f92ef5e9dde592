using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>The elements of a tensor as doubles, whatever their type; a complex number gives two.</summary>
internal static class TensorNumbers
{
    public static double[] Of(TensorData tensor) => tensor.DType switch
    {
        DType.Double => tensor.As<double>().ToArray(),
        DType.UInt64 => Array.ConvertAll(tensor.As<ulong>().ToArray(), number => (double)number),
        DType.Complex64 => Array.ConvertAll(tensor.As<float>().ToArray(), number => (double)number),
        DType.Complex128 => [.. tensor.As<Complex>().ToArray().SelectMany(number => new[] { number.Real, number.Imaginary })],
        _ when tensor.DType.IsInteger() => Array.ConvertAll(tensor.ToInt64s(), number => (double)number),
        _ => Array.ConvertAll(tensor.ToFloats(), number => (double)number),
    };
}
