namespace Anneal.Onnx;

public sealed partial class TensorData
{
    /// <summary>The elements as floats; wider types are rounded, bool is 0 or 1.</summary>
    /// <exception cref="ShapeMismatchException">The tensor holds strings, complex numbers or a type this library does not know.</exception>
    public float[] ToFloats()
    {
        var floats = new float[ElementCount];
        switch (DType)
        {
            case DType.Float32: As<float>().CopyTo(floats); break;
            case DType.Double: Convert(As<double>(), floats, x => (float)x); break;
            case DType.Float16: Convert(As<Half>(), floats, x => (float)x); break;
            case DType.BFloat16: Convert(As<ushort>(), floats, SmallFloats.FromBFloat16); break;
            default: Widen(floats); break;
        }
        return floats;
    }

    /// <summary>The elements of an integer or bool tensor as 64-bit integers.</summary>
    /// <exception cref="ShapeMismatchException">The tensor holds no integers.</exception>
    /// <exception cref="OverflowException">A uint64 is too large.</exception>
    public long[] ToInt64s()
    {
        var integers = new long[ElementCount];
        switch (DType)
        {
            case DType.Int64: As<long>().CopyTo(integers); break;
            case DType.Int32: Convert(As<int>(), integers, x => x); break;
            case DType.Int16: Convert(As<short>(), integers, x => x); break;
            case DType.Int8: Convert(As<sbyte>(), integers, x => x); break;
            case DType.UInt64: Convert(As<ulong>(), integers, x => checked((long)x)); break;
            case DType.UInt32: Convert(As<uint>(), integers, x => x); break;
            case DType.UInt16: Convert(As<ushort>(), integers, x => x); break;
            case DType.UInt8: Convert(As<byte>(), integers, x => x); break;
            case DType.Bool: Convert(Bytes.Span, integers, x => x == 0 ? 0 : 1); break;
            case DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2: Unpack(integers, x => x); break;
            default: throw new ShapeMismatchException($"Tensor '{Name}' holds {DType}, not integers.");
        }
        return integers;
    }

    private void Widen(float[] floats)
    {
        if (DType.Bits() == 8 && DType.IsFloat())
            Convert(Bytes.Span, floats, b => SmallFloats.FromFloat8(DType, b));
        else if (DType == DType.Float4E2M1)
            Unpack(floats, x => SmallFloats.FromFloat4((byte)x));
        else if (DType == DType.UInt64)
            Convert(As<ulong>(), floats, x => x);
        else if (DType.IsInteger() || DType == DType.Bool)
            Convert(ToInt64s(), floats, x => x);
        else
            throw new ShapeMismatchException($"Tensor '{Name}' holds {DType}, not real numbers.");
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to, Func<TFrom, TTo> convert)
    {
        for (var i = 0; i < from.Length; i++)
            to[i] = convert(from[i]);
    }

    /// <summary>Elements narrower than a byte, first in the lowest bits, sign-extended where the type is signed.</summary>
    private void Unpack<T>(Span<T> to, Func<int, T> convert)
    {
        var bytes = Bytes.Span;
        var bits = DType.Bits();
        var (perByte, signed) = (8 / bits, DType is DType.Int4 or DType.Int2);
        for (var i = 0; i < to.Length; i++)
        {
            var element = (bytes[i / perByte] >> (i % perByte * bits)) & ((1 << bits) - 1);
            to[i] = convert(signed ? (element << (32 - bits)) >> (32 - bits) : element);
        }
    }
}
