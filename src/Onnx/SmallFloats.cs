namespace Anneal.Onnx;

/// <summary>
/// Element types that .NET has no type for, widened to float exactly: bfloat16, the five float8 types and float4
/// (ONNX IR specification, "Tensor element types"; OCP 8-bit floating point and microscaling formats).
/// </summary>
public static class SmallFloats
{
    /// <summary>The value of a bfloat16: the upper half of a float.</summary>
    public static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The bfloat16 nearest to a float, ties to even; NaN stays NaN.</summary>
    public static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Rounding a NaN could carry into infinity: keep its upper half and set the quiet bit.
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The value of an 8-bit float of one of the five ONNX kinds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is no 8-bit float.</exception>
    public static float FromFloat8(DType type, byte bits) => type switch
    {
        DType.Float8E4M3FN => (bits & 0x7F) == 0x7F ? float.NaN : Decode(bits, exponentBits: 4, mantissaBits: 3, bias: 7),
        DType.Float8E4M3FNUZ => bits == 0x80 ? float.NaN : Decode(bits, exponentBits: 4, mantissaBits: 3, bias: 8),
        DType.Float8E5M2FNUZ => bits == 0x80 ? float.NaN : Decode(bits, exponentBits: 5, mantissaBits: 2, bias: 16),
        DType.Float8E5M2 => FromE5M2(bits),
        DType.Float8E8M0 => bits == 0xFF ? float.NaN : MathF.ScaleB(1, bits - 127),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected one of the Float8 types."),
    };

    /// <summary>The value of a float4 (2 exponent bits, 1 mantissa bit), held in the low 4 bits.</summary>
    public static float FromFloat4(byte bits) => Decode(bits & 0xF, exponentBits: 2, mantissaBits: 1, bias: 1);

    private static float FromE5M2(byte bits) => (bits & 0x7F) switch
    {
        0x7C => (bits & 0x80) == 0 ? float.PositiveInfinity : float.NegativeInfinity,
        > 0x7C => float.NaN,
        _ => Decode(bits, exponentBits: 5, mantissaBits: 2, bias: 15),
    };

    /// <summary>Sign, exponent and mantissa from high to low; exponent 0 means no hidden one.</summary>
    private static float Decode(int bits, int exponentBits, int mantissaBits, int bias)
    {
        var mantissa = bits & ((1 << mantissaBits) - 1);
        var exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
        var magnitude = exponent == 0
            ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return (bits >> (exponentBits + mantissaBits)) == 0 ? magnitude : -magnitude;
    }
}
