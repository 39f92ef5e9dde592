using Anneal.Onnx;
using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>Operators on bits, and conversions of element types that ONNX Runtime can hand out.</summary>
public static partial class OpCases
{
    private static IEnumerable<OpCase> Bits()
    {
        foreach (var name in new[] { "BitwiseAnd", "BitwiseOr", "BitwiseXor" })
        {
            yield return new($"{name} of int32", new Elementwise(name), Given([-1, 12345, int.MinValue, 7, 0, -98765], 2, 3), Given([255, -256, 77], 3)) { NoGradient = "integers" };
            yield return new($"{name} of uint64", new Elementwise(name), Given(new ulong[] { ulong.MaxValue, 5, 1UL << 63 }, 3), Given([1UL << 63 | 4], 1)) { NoGradient = "integers" };
            yield return new($"{name} of int8", new Elementwise(name), Given(new sbyte[] { -128, -1, 127, 5 }, 4), Given(new sbyte[] { 3, -7, -128, 4 }, 4)) { NoGradient = "integers" };
        }
        yield return new("BitwiseNot of int16", new Elementwise("BitwiseNot"), Given(new short[] { 0, -1, 255, short.MinValue }, 4)) { NoGradient = "integers" };
        yield return new("BitwiseNot of uint64", new Elementwise("BitwiseNot"), Given(new ulong[] { 0, ulong.MaxValue, 255 }, 3)) { NoGradient = "integers" };
        foreach (var direction in new[] { "LEFT", "RIGHT" })
        {
            yield return new($"BitShift {direction} of uint8", new BitShift { Direction = direction }, Given(new byte[] { 255, 129, 6 }, 3), Given(new byte[] { 1, 7, 0 }, 3)) { NoGradient = "integers" };
            yield return new($"BitShift {direction} of uint64", new BitShift { Direction = direction }, Given(new ulong[] { ulong.MaxValue, 5, 1 }, 3), Given([3UL], 1)) { NoGradient = "integers" };
        }
        yield return new("BitCast", new BitCast { To = DType.Float32 }, Given([0, 1065353216, -1073741824], 3)) { Opset = 26, NoGradient = "bits" };
    }

    private static IEnumerable<OpCase> Casts()
    {
        float[] numbers = [0, 1, -1, 2.5f, -2.5f, 100.7f, -100.7f, 1e-8f, 65504, 3.1415927f];
        foreach (var to in new[] { DType.Double, DType.Float16, DType.BFloat16, DType.Int32, DType.Bool })
            yield return new($"Cast of float32 to {to}", new Cast { To = to }, Given(numbers, numbers.Length)) { NoGradient = "given" };
        foreach (var to in new[] { DType.Int8, DType.UInt8, DType.Int16, DType.UInt16, DType.UInt32, DType.UInt64, DType.Float32, DType.Double, DType.Float16, DType.BFloat16 })
            yield return new($"Cast of int64 to {to}", new Cast { To = to }, Given([0L, 1, -1, 127, 128, 255, 256, -129, 70000, 1L << 40], 10)) { NoGradient = "given" };
        yield return new("Cast of bool to float32", new Cast(), Given([true, false], 2)) { NoGradient = "given" };
        yield return new("Cast of double to float32", new Cast(), Given([0.1, 1e300, -1e-300, 1 / 3.0], 4)) { NoGradient = "given" };
        yield return new("CastLike of float16", new CastLike(), Given([(Half)0.1f, (Half)(-65504), Half.PositiveInfinity], 3), Given([1f])) { NoGradient = "given" };
    }
}
