using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>
/// Converts elements to another type as C casts do: floats are cut towards zero, integers keep their low bits, anything but 0 is true
/// (ONNX operator <c>Cast</c>).
/// </summary>
internal static class Conversion
{
    public static void Run(Tensor x, Tensor y)
    {
        switch (x.DType)
        {
            case DType.Float32: From<float>(x, y); break;
            case DType.Double: From<double>(x, y); break;
            case DType.Float16: From<Half>(x, y); break;
            case DType.Int64: From<long>(x, y); break;
            case DType.Int32: From<int>(x, y); break;
            case DType.Int16: From<short>(x, y); break;
            case DType.Int8: From<sbyte>(x, y); break;
            case DType.UInt8: From<byte>(x, y); break;
            case DType.UInt16: From<ushort>(x, y); break;
            case DType.UInt32: From<uint>(x, y); break;
            case DType.UInt64: From<ulong>(x, y); break;
            case DType.Bool: FromBool(x, y); break;
            default: throw Unsupported(x, y);
        }
    }

    private static void From<T>(Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        var from = x.AsSpan<T>();
        switch (y.DType)
        {
            case DType.Float32: Convert(from, y.Writable<float>()); break;
            case DType.Double: Convert(from, y.Writable<double>()); break;
            case DType.Float16: Convert(from, y.Writable<Half>()); break;
            case DType.Int64: Convert(from, y.Writable<long>()); break;
            case DType.Int32: Convert(from, y.Writable<int>()); break;
            case DType.Int16: Convert(from, y.Writable<short>()); break;
            case DType.Int8: Convert(from, y.Writable<sbyte>()); break;
            case DType.UInt8: Convert(from, y.Writable<byte>()); break;
            case DType.UInt16: Convert(from, y.Writable<ushort>()); break;
            case DType.UInt32: Convert(from, y.Writable<uint>()); break;
            case DType.UInt64: Convert(from, y.Writable<ulong>()); break;
            case DType.Bool:
                var to = y.Writable<bool>();
                for (var i = 0; i < to.Length; i++)
                    to[i] = from[i] != T.Zero;
                break;
            default: throw Unsupported(x, y);
        }
    }

    private static void FromBool(Tensor x, Tensor y)
    {
        // A bool is a byte that holds 0 or 1.
        var bytes = Tensor.Empty(x.Compute, DType.UInt8, x.Shape);
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(x.AsSpan<bool>()).CopyTo(bytes.Writable<byte>());
        From<byte>(bytes, y);
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = TTo.CreateTruncating(from[i]);
    }

    private static ShapeMismatchException Unsupported(Tensor x, Tensor y) => new($"Cast from {x.DType} to {y.DType} is not among those that this engine computes.");
}
