using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>
/// How numbers become 8-bit floats: the nearest one, ties to even, with the rules for what lies beyond that ONNX states at <c>Cast</c>.
/// </summary>
/// <param name="MantissaBits">The bits behind the point.</param>
/// <param name="Bias">What the exponent's field is above the exponent.</param>
/// <param name="Greatest">The code of the greatest finite number.</param>
/// <param name="NaN">The code of NaN.</param>
/// <param name="Infinity">The code of infinity; that of NaN where there is none.</param>
/// <param name="HasNegativeZero">Whether 0 and NaN have a sign.</param>
internal sealed record SmallFloatFormat(int MantissaBits, int Bias, byte Greatest, byte NaN, byte Infinity, bool HasNegativeZero)
{
    private const byte Sign = 0x80;

    /// <summary>The format of an element type with a sign.</summary>
    public static SmallFloatFormat Of(DType type) => type switch
    {
        DType.Float8E4M3FN => new(3, 7, 0x7E, 0x7F, 0x7F, true),
        DType.Float8E4M3FNUZ => new(3, 8, 0x7F, 0x80, 0x80, false),
        DType.Float8E5M2 => new(2, 15, 0x7B, 0x7E, 0x7C, true),
        DType.Float8E5M2FNUZ => new(2, 16, 0x7F, 0x80, 0x80, false),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected an 8-bit float with a sign."),
    };

    /// <summary>The code of a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="saturate">Whether what is too large becomes the greatest number rather than infinity or NaN.</param>
    public byte Encode(double value, bool saturate)
    {
        var code = Magnitude(Math.Abs(value), saturate);
        return double.IsNegative(value) && (HasNegativeZero || (code != 0 && code != NaN)) ? (byte)(code | Sign) : code;
    }

    private byte Magnitude(double value, bool saturate)
    {
        if (double.IsNaN(value))
            return NaN;
        // Below the least normal exponent the distance between neighbours stays the same. Scaling by a power of two rounds nothing.
        var exponent = value == 0 ? 1 - Bias : Math.Max(Math.ILogB(value), 1 - Bias);
        var steps = double.IsInfinity(value) ? value : Math.Round(Math.ScaleB(value, MantissaBits - exponent), MidpointRounding.ToEven);
        // A step more than the mantissa holds runs over into the exponent's field, which is right.
        var code = steps + ((double)(exponent + Bias - 1) * (1 << MantissaBits));
        return code <= Greatest ? (byte)code : saturate ? Greatest : Infinity;
    }
}

/// <summary>How numbers become powers of two in 8 bits (OCP Microscaling Formats, E8M0).</summary>
internal static class PowerOfTwoFormat
{
    private const int Bias = 127;
    private const byte Greatest = 0xFE;
    private const byte NaN = 0xFF;

    /// <summary>The code of a number; there is none for a negative one, which becomes NaN.</summary>
    /// <param name="value">The number.</param>
    /// <param name="saturate">Whether what is out of range becomes the end of the range rather than NaN.</param>
    /// <param name="mode">Towards which power: <c>up</c>, <c>down</c> or <c>nearest</c>, halfway between two being up.</param>
    public static byte Encode(double value, bool saturate, string mode)
    {
        if (double.IsNaN(value) || value < 0)
            return NaN;
        if (double.IsInfinity(value) || value == 0)
            return !saturate ? NaN : value == 0 ? (byte)0 : Greatest;
        var exponent = Math.ILogB(value);
        var fraction = Math.ScaleB(value, -exponent);
        var code = exponent + Bias + (IsAbove(fraction, mode) ? 1 : 0);
        return code is >= 0 and <= Greatest ? (byte)code : saturate ? (byte)Math.Clamp(code, 0, Greatest) : NaN;
    }

    private static bool IsAbove(double fraction, string mode) => mode switch
    {
        "up" => fraction > 1,
        "down" => false,
        "nearest" => fraction >= 1.5,
        _ => throw new AnnealException($"Cast: the attribute round_mode is '{mode}'; it should be up, down or nearest."),
    };
}
