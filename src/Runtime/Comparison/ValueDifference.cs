using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>How far two tensors of one name are apart, and where most.</summary>
/// <param name="Name">The name of the value.</param>
/// <param name="Relative">
/// The largest difference of two elements, relative to the largest magnitude in the expected tensor. Infinite where a number stands against none,
/// where integers, booleans or texts are not the same, and where types or shapes differ.
/// </param>
/// <param name="Absolute">The largest difference itself.</param>
public sealed record ValueDifference(string Name, double Relative, double Absolute)
{
    /// <summary>The place of the element that differs most, one number an axis; null where nothing differs or elements cannot be matched.</summary>
    public IReadOnlyList<long>? At { get; init; }

    /// <summary>The expected element at that place; NaN for text.</summary>
    public double Expected { get; init; }

    /// <summary>The element found at that place; NaN for text.</summary>
    public double Found { get; init; }

    /// <summary>Both types and shapes where they differ, so that no element could be compared; otherwise null.</summary>
    public string? Mismatch { get; init; }

    /// <summary>Compares two tensors element by element.</summary>
    public static ValueDifference Between(NamedTensor expected, NamedTensor found)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(found);
        var name = expected.Name;
        if (expected.DType != found.DType || !expected.Shape.SequenceEqual(found.Shape))
            return new(name, double.PositiveInfinity, double.PositiveInfinity) { Mismatch = $"{Type(expected)} against {Type(found)}" };
        return expected.DType switch
        {
            DType.String => BetweenTexts(name, expected, found),
            // Weights of hundreds of megabytes come this way, and are not copied.
            DType.Float32 => BetweenNumbers<float>(expected, expected.As<float>().Span, found.As<float>().Span),
            _ => BetweenNumbers<double>(expected, TensorNumbers.Of(TensorConversion.ToData(expected)), TensorNumbers.Of(TensorConversion.ToData(found))),
        };
    }

    private static ValueDifference BetweenTexts(string name, NamedTensor expected, NamedTensor found)
    {
        var same = expected.As<string>().Span.CommonPrefixLength(found.As<string>().Span);
        return same == expected.As<string>().Length
            ? new(name, 0, 0)
            : new(name, double.PositiveInfinity, double.PositiveInfinity) { At = Place(same, expected.Shape), Expected = double.NaN, Found = double.NaN };
    }

    private static ValueDifference BetweenNumbers<T>(NamedTensor tensor, ReadOnlySpan<T> expected, ReadOnlySpan<T> found) where T : IFloatingPointIeee754<T>
    {
        var (worst, at, scale) = (0.0, -1, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            var (a, b) = (double.CreateTruncating(expected[i]), double.CreateTruncating(found[i]));
            if (double.IsFinite(a))
                scale = Math.Max(scale, Math.Abs(a));
            // Equals holds NaN to be equal to itself, == holds 0 to be equal to -0.
            if (a.Equals(b) || a == b)
                continue;
            var difference = Math.Abs(a - b);
            if (!double.IsFinite(difference))
                difference = double.PositiveInfinity;
            if (difference > worst)
                (worst, at) = (difference, i);
        }
        if (at < 0)
            return new(tensor.Name, 0, 0);
        var relative = tensor.DType.IsFloat() ? worst / Math.Max(scale, double.Epsilon) : double.PositiveInfinity;
        return new(tensor.Name, relative, worst)
        {
            At = Place(at, tensor.Shape),
            Expected = double.CreateTruncating(expected[at]),
            Found = double.CreateTruncating(found[at]),
        };
    }

    /// <summary>An index into the elements as one number an axis.</summary>
    private static long[] Place(long index, ReadOnlySpan<long> shape)
    {
        var place = new long[shape.Length];
        for (var axis = shape.Length - 1; axis >= 0; axis--)
            (index, place[axis]) = Math.DivRem(index, shape[axis]);
        return place;
    }

    private static string Type(NamedTensor tensor) => $"{tensor.DType} [{string.Join(',', tensor.Shape.ToArray())}]";
}
