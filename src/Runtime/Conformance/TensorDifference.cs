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
        return Between(TensorNumbers.Of(expected), TensorNumbers.Of(found), absolute);
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
}
