using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Whether two models compute the same: both are run in ONNX Runtime on the processor on the same seeded inputs, with open axes bound to 1 and then
/// to 2, and their outputs are held against each other.
/// </summary>
/// <param name="Largest">The largest difference of elements of an output, relative to the largest magnitude in it.</param>
/// <param name="Output">The output that differs most.</param>
public sealed record ModelComparison(double Largest, string Output)
{
    private const int Seed = 20;

    /// <summary>Compares two models.</summary>
    /// <exception cref="InvalidModelException">One of them cannot be run.</exception>
    /// <exception cref="IncomparableModelException">The first model gives other outputs each time, or takes inputs that no numbers are drawn for.</exception>
    /// <exception cref="AnnealException">The outputs differ in name, type or shape.</exception>
    public static ModelComparison Run(ModelSource original, ModelSource changed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(changed);
        var (engine, options) = (new OrtEngine(), new EngineOptions { Device = Device.Cpu, Spinning = false });
        using var before = engine.Open(original, options);
        using var after = engine.Open(changed, options);
        var worst = new ModelComparison(0, "");
        foreach (var extent in before.Inputs.Any(input => input.Shape.Contains(-1)) ? new[] { 1L, 2 } : [1])
        {
            cancellation.ThrowIfCancellationRequested();
            // One stream for all inputs: equal ones would hide an operator that takes them the wrong way round.
            var random = new Random(Seed);
            NamedTensor[] inputs = [.. before.Inputs.Select(input => Draw(input, [.. input.Shape.Select(stated => stated < 0 ? extent : stated)], random))];
            var expected = before.Run(inputs, cancellation);
            if (Difference(expected, before.Run(inputs, cancellation)).Largest > 0)
                throw new IncomparableModelException($"{original} gives other outputs each time it is run, so that nothing can be compared with it.");
            worst = Worse(worst, Difference(expected, after.Run(inputs, cancellation)));
        }
        return worst;
    }

    private static ModelComparison Worse(ModelComparison a, ModelComparison b) => b.Largest > a.Largest ? b : a;

    /// <summary>How far outputs are from those that were expected, and in which of them.</summary>
    /// <exception cref="AnnealException">They differ in name, type or shape.</exception>
    internal static ModelComparison Difference(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> found)
    {
        if (!expected.Select(tensor => tensor.ToString()).SequenceEqual(found.Select(tensor => tensor.ToString())))
            throw new AnnealException($"The outputs were {string.Join(", ", expected)} and are {string.Join(", ", found)}.");
        return expected.Zip(found, (a, b) => new ModelComparison(Difference(a, b), a.Name)).MaxBy(result => result.Largest) ?? new(0, "");
    }

    /// <summary>Infinite where a number stands against none, or where integers or texts are not the same.</summary>
    private static double Difference(NamedTensor expected, NamedTensor found)
    {
        var (a, b) = (TensorConversion.ToData(expected), TensorConversion.ToData(found));
        if (a.DType == DType.String)
            return a.Strings.SequenceEqual(b.Strings) ? 0 : double.PositiveInfinity;
        if (a.DType is not (DType.Float32 or DType.Double or DType.Float16 or DType.BFloat16))
            return a.Bytes.Span.SequenceEqual(b.Bytes.Span) ? 0 : double.PositiveInfinity;
        var (x, y) = (Numbers(a), Numbers(b));
        var (worst, scale) = (0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            if (x[i].Equals(y[i]))
                continue;
            if (!double.IsFinite(x[i]) || !double.IsFinite(y[i]))
                return double.PositiveInfinity;
            worst = Math.Max(worst, Math.Abs(x[i] - y[i]));
        }
        foreach (var number in x.Where(double.IsFinite))
            scale = Math.Max(scale, Math.Abs(number));
        return worst == 0 ? 0 : worst / Math.Max(scale, double.Epsilon);
    }

    private static double[] Numbers(TensorData tensor) => tensor.DType switch
    {
        DType.Double => tensor.As<double>().ToArray(),
        _ => Array.ConvertAll(tensor.ToFloats(), number => (double)number),
    };

    /// <summary>Numbers around 0 for floats, small ones from 0 up for integers, which are often indices or pixels; the same each time.</summary>
    /// <exception cref="IncomparableModelException">The input's type is one that no numbers are drawn for.</exception>
    internal static NamedTensor Draw(TensorInfo input, ReadOnlySpan<long> extents, Random random)
    {
        var tensor = NamedTensor.Allocate(input.Name, input.DType, extents);
        switch (input.DType)
        {
            case DType.Float32: Fill(tensor.As<float>().Span, () => (float)((random.NextDouble() * 4) - 2)); break;
            case DType.Double: Fill(tensor.As<double>().Span, () => (random.NextDouble() * 4) - 2); break;
            case DType.Float16: Fill(tensor.As<Half>().Span, () => (Half)((random.NextDouble() * 4) - 2)); break;
            case DType.Int64: Fill(tensor.As<long>().Span, () => random.Next(2)); break;
            case DType.Int32: Fill(tensor.As<int>().Span, () => random.Next(2)); break;
            case DType.UInt8: Fill(tensor.As<byte>().Span, () => (byte)random.Next(256)); break;
            case DType.Int8: Fill(tensor.As<sbyte>().Span, () => (sbyte)random.Next(-128, 128)); break;
            case DType.Bool: Fill(tensor.As<bool>().Span, () => random.Next(2) == 1); break;
            default: throw new IncomparableModelException($"Input {input} is of a type that no numbers are drawn for, so that nothing can be compared.");
        }
        return tensor;
    }

    private static void Fill<T>(Span<T> elements, Func<T> draw)
    {
        for (var i = 0; i < elements.Length; i++)
            elements[i] = draw();
    }
}

/// <summary>A model with which nothing can be compared, be it right or wrong.</summary>
public sealed class IncomparableModelException(string message) : AnnealException(message);
