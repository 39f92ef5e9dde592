using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>Inputs for a model of which nothing is known but what it declares: the same numbers each time.</summary>
internal static class SeededInputs
{
    private const int Seed = 20;

    /// <summary>Draws every input, open axes bound to one extent. Two inputs are never equal: that would hide an operator that takes them the wrong way round.</summary>
    /// <exception cref="IncomparableModelException">An input is of a type that no numbers are drawn for.</exception>
    public static NamedTensor[] Draw(IEnumerable<TensorInfo> inputs, long openExtent)
    {
        var random = new Random(Seed);
        return [.. inputs.Select(input => Draw(input, [.. input.Shape.Select(extent => extent < 0 ? openExtent : extent)], random))];
    }

    /// <summary>Numbers around 0 for floats, small ones from 0 up for integers, which are often indices or pixels.</summary>
    /// <exception cref="IncomparableModelException">The input is of a type that no numbers are drawn for.</exception>
    public static NamedTensor Draw(TensorInfo input, ReadOnlySpan<long> extents, Random random)
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
