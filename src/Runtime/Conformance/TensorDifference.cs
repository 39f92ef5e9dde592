using System.Globalization;
using Anneal.Onnx;

namespace Anneal.Runtime.Conformance;

/// <summary>How far a tensor is from the one that a vector holds.</summary>
/// <param name="Largest">The largest difference of two elements; infinite where a number stands against none.</param>
/// <param name="Fault">Null when all is within tolerance; otherwise what is not.</param>
internal sealed record TensorDifference(double Largest, string? Fault)
{
    private const double Relative = 1e-3;

    /// <summary>Compares with an absolute tolerance beside the relative one.</summary>
    public static TensorDifference Between(TensorData expected, TensorData found, double absolute)
    {
        if (expected.DType != found.DType || !expected.Dims.SequenceEqual(found.Dims))
            return new(double.PositiveInfinity, $"{found.Type} should be {expected.Type}");
        if (expected.DType == DType.String)
            return expected.Strings.SequenceEqual(found.Strings) ? new(0, null) : new(double.PositiveInfinity, "the texts differ");
        return Between(Numbers(expected), Numbers(found), absolute);
    }

    private static TensorDifference Between(double[] expected, double[] found, double absolute)
    {
        var largest = 0.0;
        string? fault = null;
        for (var i = 0; i < expected.Length; i++)
        {
            var (e, f) = (expected[i], found[i]);
            if (e.Equals(f) || e == f)
                continue;
            var difference = Math.Abs(e - f) is var distance && double.IsFinite(distance) ? distance : double.PositiveInfinity;
            largest = Math.Max(largest, difference);
            if (!(difference <= absolute + (Relative * Math.Abs(e))))
                fault ??= string.Create(CultureInfo.InvariantCulture, $"element {i} is {f} and should be {e}");
        }
        return new(largest, fault);
    }

    private static double[] Numbers(TensorData tensor) => tensor.DType switch
    {
        DType.Double => tensor.As<double>().ToArray(),
        DType.UInt64 => Array.ConvertAll(tensor.As<ulong>().ToArray(), number => (double)number),
        DType.Complex64 => Array.ConvertAll(tensor.As<float>().ToArray(), number => (double)number),
        DType.Complex128 => [.. tensor.As<System.Numerics.Complex>().ToArray().SelectMany(number => new[] { number.Real, number.Imaginary })],
        _ when tensor.DType.IsInteger() => Array.ConvertAll(tensor.ToInt64s(), number => (double)number),
        _ => Array.ConvertAll(tensor.ToFloats(), number => (double)number),
    };
}
