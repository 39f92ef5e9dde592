using System.Numerics;

namespace Anneal.Onnx;

/// <summary>Facts about element types: width, CLR type, kind.</summary>
public static class DTypes
{
    /// <summary>The width of one element in bits; 0 for strings, for no type, and for types newer than this library.</summary>
    public static int Bits(this DType type) => type switch
    {
        DType.UInt2 or DType.Int2 => 2,
        DType.UInt4 or DType.Int4 or DType.Float4E2M1 => 4,
        DType.UInt8 or DType.Int8 or DType.Bool or DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2
            or DType.Float8E5M2FNUZ or DType.Float8E8M0 => 8,
        DType.UInt16 or DType.Int16 or DType.Float16 or DType.BFloat16 => 16,
        DType.Float32 or DType.Int32 or DType.UInt32 => 32,
        DType.Double or DType.Int64 or DType.UInt64 or DType.Complex64 => 64,
        DType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>
    /// The CLR type of one element, or null where there is none: bfloat16, float8, complex64 and the types narrower than a byte are
    /// reached through the unsigned integer of their width (complex64 as pairs of float).
    /// </summary>
    public static Type? ClrType(this DType type) => type switch
    {
        DType.Float32 => typeof(float),
        DType.UInt8 => typeof(byte),
        DType.Int8 => typeof(sbyte),
        DType.UInt16 => typeof(ushort),
        DType.Int16 => typeof(short),
        DType.Int32 => typeof(int),
        DType.Int64 => typeof(long),
        DType.String => typeof(string),
        DType.Bool => typeof(bool),
        DType.Float16 => typeof(Half),
        DType.Double => typeof(double),
        DType.UInt32 => typeof(uint),
        DType.UInt64 => typeof(ulong),
        DType.Complex128 => typeof(Complex),
        _ => null,
    };

    /// <summary>The element type that a CLR type stands for.</summary>
    /// <exception cref="AnnealException">It stands for none.</exception>
    public static DType Of<T>() => Found<T>.DType ?? throw new AnnealException(
        $"{typeof(T).Name} stands for no ONNX element type. Expected float, double, Half, bool, string, Complex or an integer of 8 to 64 bits.");

    /// <summary>Whether this library knows the type: one of the numbered types other than <see cref="DType.Undefined"/>.</summary>
    public static bool IsKnown(this DType type) => type is > DType.Undefined and <= DType.Int2;

    /// <summary>Whether elements are real floating-point numbers of any width.</summary>
    public static bool IsFloat(this DType type) => type is DType.Float32 or DType.Double or DType.Float16 or DType.BFloat16
        or DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ or DType.Float8E8M0 or DType.Float4E2M1;

    /// <summary>Whether elements are integers of any width, signed or not.</summary>
    public static bool IsInteger(this DType type) => type is DType.UInt8 or DType.Int8 or DType.UInt16 or DType.Int16 or DType.Int32
        or DType.Int64 or DType.UInt32 or DType.UInt64 or DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2;

    /// <summary>The number of bytes that hold this many elements; narrow types share bytes, and the last byte may be partly used.</summary>
    /// <exception cref="OverflowException">The number does not fit 64 bits.</exception>
    public static long ByteLength(this DType type, long count) => type.Bits() switch
    {
        0 => 0,
        < 8 and var bits => (count / (8 / bits)) + (count % (8 / bits) == 0 ? 0 : 1),
        var bits => checked(count * (bits / 8)),
    };

    private static DType? Find(Type type)
    {
        for (var candidate = DType.Float32; candidate <= DType.Int2; candidate++)
            if (candidate.ClrType() == type)
                return candidate;
        return null;
    }

    /// <summary>Looked up once for each CLR type: tensors are made on hot paths.</summary>
    private static class Found<T>
    {
        public static readonly DType? DType = Find(typeof(T));
    }
}
