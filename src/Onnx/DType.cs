namespace Anneal.Onnx;

/// <summary>
/// The element types of ONNX tensors, numbered as in <c>TensorProto.DataType</c> of the ONNX specification (IR version 13).
/// </summary>
public enum DType
{
    /// <summary>No type stated.</summary>
    Undefined = 0,

    /// <summary>IEEE 754 single precision.</summary>
    Float32 = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,

    /// <summary>A string of bytes, UTF-8 by convention.</summary>
    String = 8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE 754 half precision.</summary>
    Float16 = 10,

    /// <summary>IEEE 754 double precision.</summary>
    Double = 11,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,

    /// <summary>Two float32: real, imaginary.</summary>
    Complex64 = 14,

    /// <summary>Two float64: real, imaginary.</summary>
    Complex128 = 15,

    /// <summary>The upper half of a float32.</summary>
    BFloat16 = 16,

    /// <summary>8 bits: 4 exponent, 3 mantissa, finite values and NaN only.</summary>
    Float8E4M3FN = 17,

    /// <summary>As E4M3FN, no negative zero, another bias.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8 bits: 5 exponent, 2 mantissa, with infinities.</summary>
    Float8E5M2 = 19,

    /// <summary>As E5M2, finite only, no negative zero, another bias.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>Unsigned 4-bit integer, two to a byte, first in the low half.</summary>
    UInt4 = 21,

    /// <summary>Signed 4-bit integer, two to a byte, first in the low half.</summary>
    Int4 = 22,

    /// <summary>4 bits: 2 exponent, 1 mantissa; two to a byte, first in the low half.</summary>
    Float4E2M1 = 23,

    /// <summary>8 bits of exponent and nothing else: a scale.</summary>
    Float8E8M0 = 24,

    /// <summary>Unsigned 2-bit integer, four to a byte, first in the lowest bits.</summary>
    UInt2 = 25,

    /// <summary>Signed 2-bit integer, four to a byte, first in the lowest bits.</summary>
    Int2 = 26,
}
