using System.Numerics;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Folding;

/// <summary>Integers that inference knows, as a tensor of their type.</summary>
internal static class IntegerTensor
{
    /// <summary>The tensor; null when an element is not known, or the type is narrower than a byte.</summary>
    public static TensorData? Of(Fact fact)
    {
        if (fact is not { Ints: { } numbers, Shape: { IsStatic: true } shape })
            return null;
        var dims = shape.ToExtents();
        return fact.DType switch
        {
            DType.Int64 => Create<long>(numbers, dims),
            DType.Int32 => Create<int>(numbers, dims),
            DType.Int16 => Create<short>(numbers, dims),
            DType.Int8 => Create<sbyte>(numbers, dims),
            DType.UInt64 => Create<ulong>(numbers, dims),
            DType.UInt32 => Create<uint>(numbers, dims),
            DType.UInt16 => Create<ushort>(numbers, dims),
            DType.UInt8 => Create<byte>(numbers, dims),
            DType.Bool => TensorData.Create("", numbers.Select(number => number != 0).ToArray(), dims),
            _ => null,
        };
    }

    private static TensorData Create<T>(IReadOnlyList<long> numbers, long[] dims) where T : unmanaged, IBinaryInteger<T> =>
        TensorData.Create("", numbers.Select(T.CreateChecked).ToArray(), dims);
}
