using System.Collections.Frozen;

namespace Anneal.Onnx.Ops;

/// <summary>
/// Elementwise operators on a few real numbers that are all known: graphs work out extents and counts of rounds in floats, times a scale
/// and rounded, and back to integers. Results are those of IEEE 754; a sum, product, quotient or root that is taken in double and rounded to
/// float32 is the float32 one exactly.
/// </summary>
internal static class RealFormulas
{
    private const int MostElements = 64;

    // Above it, not every integer is a double.
    private const long MostExact = 1L << 53;

    private static readonly FrozenDictionary<string, Func<double, double>> Unary = new Dictionary<string, Func<double, double>>
    {
        ["Abs"] = Math.Abs,
        ["Ceil"] = Math.Ceiling,
        ["Floor"] = Math.Floor,
        ["Neg"] = x => -x,
        ["Relu"] = x => Math.Max(x, 0),
        ["Round"] = x => Math.Round(x, MidpointRounding.ToEven),
        ["Sqrt"] = Math.Sqrt,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<double, double, double>> Binary = new Dictionary<string, Func<double, double, double>>
    {
        ["Add"] = (a, b) => a + b,
        ["Div"] = (a, b) => a / b,
        ["Max"] = Math.Max,
        ["Min"] = Math.Min,
        ["Mul"] = (a, b) => a * b,
        ["Sub"] = (a, b) => a - b,
    }.ToFrozenDictionary();

    /// <summary>What an elementwise operator makes of its inputs; null when they are not all known, or the operator is not followed.</summary>
    public static Fact? Apply(Inference facts, string op, DType dtype, Shape? shape)
    {
        if (dtype is not (DType.Float32 or DType.Double))
            return null;
        if (facts.InputCount == 1 && Unary.TryGetValue(op, out var unary))
            return Numbers(facts.Input(0)) is { } x ? Constant(dtype, shape, [.. x.Select(unary)]) : null;
        if (facts.InputCount == 2 && Binary.TryGetValue(op, out var binary))
            return Numbers(facts.Input(0)) is { } a && Numbers(facts.Input(1)) is { } b ? Apply(binary, a, b, dtype, shape) : null;
        return null;
    }

    /// <summary>The numbers of a fact as float32 or double; null when they are not all known.</summary>
    public static Fact? Convert(Fact from, DType to) => to is DType.Float32 or DType.Double && Numbers(from) is { } numbers ? Constant(to, from.Shape, numbers) : null;

    private static Fact? Apply(Func<double, double, double> formula, double[] a, double[] b, DType dtype, Shape? shape)
    {
        // Broadcasting other than that of one number is not needed for extents.
        if (a.Length != b.Length && a.Length != 1 && b.Length != 1)
            return null;
        var count = a.Length == 1 ? b.Length : a.Length;
        return Constant(dtype, shape, [.. Enumerable.Range(0, count).Select(i => formula(a[i % a.Length], b[i % b.Length]))]);
    }

    private static double[]? Numbers(Fact fact)
    {
        if (fact.Ints is { Count: <= MostElements } integers)
            return integers.All(number => Math.Abs((double)number) <= MostExact) ? [.. integers] : null;
        if (fact.Constant is not { ElementCount: <= MostElements, HasElements: true } constant || !constant.DType.IsFloat())
            return null;
        return constant.DType == DType.Double ? constant.As<double>().ToArray() : [.. constant.ToFloats()];
    }

    private static Fact? Constant(DType dtype, Shape? shape, double[] numbers)
    {
        // Shapes such as [2,1] and [1,2] give four numbers of two and two.
        if (shape is not { IsStatic: true } || shape.Aggregate(1L, (count, dim) => count * dim.Value) != numbers.Length)
            return null;
        return Fact.Of(dtype == DType.Double
            ? TensorData.Create("", numbers, shape.ToExtents())
            : TensorData.Create("", Array.ConvertAll(numbers, number => (float)number), shape.ToExtents()));
    }
}
