using Anneal.Onnx;

namespace Anneal.Training.Tests;

/// <summary>How far two tensors are apart.</summary>
internal static class Compare
{
    /// <summary>The largest difference of elements, relative to the largest magnitude expected; infinite where one is a NaN and the other is not.</summary>
    public static double Relative(Tensor expected, Tensor found)
    {
        var (a, b) = (expected.To(DType.Double).ToArray<double>(), found.To(DType.Double).ToArray<double>());
        Assert.Equal(a.Length, b.Length);
        var (worst, scale) = (0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            if (double.IsNaN(a[i]) != double.IsNaN(b[i]) || (double.IsInfinity(a[i]) && a[i] != b[i]))
                return double.PositiveInfinity;
            if (!double.IsFinite(a[i]))
                continue;
            scale = Math.Max(scale, Math.Abs(a[i]));
            worst = Math.Max(worst, Math.Abs(a[i] - b[i]));
        }
        return worst == 0 ? 0 : worst / Math.Max(scale, 1e-30);
    }

    /// <summary>The first element that differs by more than a share of it and a little; null when there is none.</summary>
    public static string? Fault(Tensor expected, Tensor found, double relative, double absolute)
    {
        if (expected.DType != found.DType || expected.Shape != found.Shape)
            return $"{found.DType} {found.Shape} should be {expected.DType} {expected.Shape}";
        var (a, b) = (expected.To(DType.Double).ToArray<double>(), found.To(DType.Double).ToArray<double>());
        for (var i = 0; i < a.Length; i++)
            if (a[i] != b[i] && !(double.IsNaN(a[i]) && double.IsNaN(b[i])) && !(Math.Abs(a[i] - b[i]) <= absolute + (relative * Math.Abs(a[i]))))
                return $"element {i} is {b[i]} and should be {a[i]}";
        return null;
    }
}
