using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Ops;

/// <summary>The few elementwise operators of one input that ONNX has for integers and bool.</summary>
internal static class IntegerUnary
{
    /// <summary>Computes one; false when the operator or the type is not among them.</summary>
    public static bool TryCompute(string name, Tensor x, Tensor y) => x.DType switch
    {
        DType.Int64 => TryCompute(name, x.AsSpan<long>(), y.Writable<long>()),
        DType.Int32 => TryCompute(name, x.AsSpan<int>(), y.Writable<int>()),
        DType.Int16 => TryCompute(name, x.AsSpan<short>(), y.Writable<short>()),
        DType.Int8 => TryCompute(name, x.AsSpan<sbyte>(), y.Writable<sbyte>()),
        DType.UInt8 => TryCompute(name, x.AsSpan<byte>(), y.Writable<byte>()),
        _ => false,
    };

    private static bool TryCompute<T>(string name, ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryInteger<T>
    {
        Func<T, T>? formula = name switch
        {
            "Abs" => static v => v < T.Zero ? T.Zero - v : v,
            "Neg" => static v => T.Zero - v,
            "Sign" => static v => v > T.Zero ? T.One : v < T.Zero ? T.Zero - T.One : T.Zero,
            "Relu" => static v => v < T.Zero ? T.Zero : v,
            _ => null,
        };
        if (formula is null)
            return false;
        for (var i = 0; i < x.Length; i++)
            y[i] = formula(x[i]);
        return true;
    }
}
