using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Which CLR type carries which element type of ONNX. A type that C# lacks travels as its bits: bfloat16 as <c>ushort</c>, the 8-bit
/// floats as <c>byte</c>, and the 4- and 2-bit types packed in bytes, the first element in the lowest bits.
/// </summary>
internal static class ElementTypes
{
    private static readonly Dictionary<DType, Carrier> ByDType = new()
    {
        [DType.Float32] = Carrier.Of<float>(32),
        [DType.Double] = Carrier.Of<double>(64),
        [DType.Float16] = Carrier.Of<Half>(16),
        [DType.BFloat16] = Carrier.Of<ushort>(16),
        [DType.Int8] = Carrier.Of<sbyte>(8),
        [DType.UInt8] = Carrier.Of<byte>(8),
        [DType.Int16] = Carrier.Of<short>(16),
        [DType.UInt16] = Carrier.Of<ushort>(16),
        [DType.Int32] = Carrier.Of<int>(32),
        [DType.UInt32] = Carrier.Of<uint>(32),
        [DType.Int64] = Carrier.Of<long>(64),
        [DType.UInt64] = Carrier.Of<ulong>(64),
        [DType.Bool] = Carrier.Of<bool>(8),
        [DType.String] = Carrier.Of<string>(0),
        [DType.Complex128] = Carrier.Of<Complex>(128),
        [DType.Float8E4M3FN] = Carrier.Of<byte>(8),
        [DType.Float8E4M3FNUZ] = Carrier.Of<byte>(8),
        [DType.Float8E5M2] = Carrier.Of<byte>(8),
        [DType.Float8E5M2FNUZ] = Carrier.Of<byte>(8),
        [DType.Float8E8M0] = Carrier.Of<byte>(8),
        [DType.UInt4] = Carrier.Of<byte>(4),
        [DType.Int4] = Carrier.Of<byte>(4),
        [DType.Float4E2M1] = Carrier.Of<byte>(4),
        [DType.UInt2] = Carrier.Of<byte>(2),
        [DType.Int2] = Carrier.Of<byte>(2),
    };

    /// <summary>What carries an element type.</summary>
    /// <exception cref="AnnealException">Nothing in C# does.</exception>
    public static Carrier CarrierOf(DType dtype) => ByDType.TryGetValue(dtype, out var carrier)
        ? carrier
        : throw new AnnealException($"A tensor of {dtype} cannot be held: no CLR type carries it. Cast it to another type inside the model.");
}
