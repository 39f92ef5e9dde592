using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Cpu;

/// <summary>
/// Converts elements to another type (ONNX operator <c>Cast</c>): floats are cut towards zero and held in the range of integers, integers keep
/// their low bits, anything but 0 is true. bfloat16 and the 8-bit floats go through float32, which holds each of them exactly.
/// </summary>
internal static unsafe class Conversion
{
    public static void Run(Cast op, Tensor x, Tensor y)
    {
        switch (x.DType)
        {
            case DType.Float32: From<float>(op, x, y); break;
            case DType.Double: From<double>(op, x, y); break;
            case DType.Float16: From<Half>(op, x, y); break;
            case DType.Int64: From<long>(op, x, y); break;
            case DType.Int32: From<int>(op, x, y); break;
            case DType.Int16: From<short>(op, x, y); break;
            case DType.Int8: From<sbyte>(op, x, y); break;
            case DType.UInt8: From<byte>(op, x, y); break;
            case DType.UInt16: From<ushort>(op, x, y); break;
            case DType.UInt32: From<uint>(op, x, y); break;
            case DType.UInt64: From<ulong>(op, x, y); break;
            case DType.Bool: FromBool(op, x, y); break;
            case DType.BFloat16 or DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ or DType.Float8E8M0:
                From<float>(op, Widened(x), y);
                break;
            default: throw Unsupported(x, y);
        }
    }

    private static void From<T>(Cast op, Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        switch (y.DType)
        {
            case DType.Float32: Convert<T, float>(x, y); break;
            case DType.Double: Convert<T, double>(x, y); break;
            case DType.Float16: Convert<T, Half>(x, y); break;
            case DType.Int64: Convert<T, long>(x, y); break;
            case DType.Int32: Convert<T, int>(x, y); break;
            case DType.Int16: Convert<T, short>(x, y); break;
            case DType.Int8: Convert<T, sbyte>(x, y); break;
            case DType.UInt8: Convert<T, byte>(x, y); break;
            case DType.UInt16: Convert<T, ushort>(x, y); break;
            case DType.UInt32: Convert<T, uint>(x, y); break;
            case DType.UInt64: Convert<T, ulong>(x, y); break;
            case DType.Bool: ToBool(x.AsSpan<T>(), y.Writable<bool>()); break;
            case DType.BFloat16: ToBFloat16(x.AsSpan<T>(), MemoryMarshal.Cast<byte, ushort>(y.WritableBytes())); break;
            case DType.Float8E8M0: ToPowersOfTwo(op, x.AsSpan<T>(), y.WritableBytes()); break;
            case DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ:
                ToFloat8(op, x.AsSpan<T>(), y);
                break;
            default: throw Unsupported(x, y);
        }
    }

    private static void FromBool(Cast op, Tensor x, Tensor y)
    {
        // A bool is a byte that holds 0 or 1.
        var bytes = Tensor.Empty(x.Compute, DType.UInt8, x.Shape);
        x.WritableBytes().CopyTo(bytes.WritableBytes());
        From<byte>(op, bytes, y);
    }

    private static Tensor Widened(Tensor x)
    {
        var y = Tensor.Empty(x.Compute, DType.Float32, x.Shape);
        var to = y.Writable<float>();
        var bytes = x.WritableBytes();
        var words = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (var i = 0; i < to.Length; i++)
            to[i] = x.DType == DType.BFloat16 ? SmallFloats.FromBFloat16(words[i]) : SmallFloats.FromFloat8(x.DType, bytes[i]);
        return y;
    }

    private static void ToBool<T>(ReadOnlySpan<T> x, Span<bool> y) where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < y.Length; i++)
            y[i] = x[i] != T.Zero;
    }

    private static void ToBFloat16<T>(ReadOnlySpan<T> x, Span<ushort> y) where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < y.Length; i++)
            y[i] = SmallFloats.ToBFloat16(float.CreateTruncating(x[i]));
    }

    private static void ToPowersOfTwo<T>(Cast op, ReadOnlySpan<T> x, Span<byte> y) where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < y.Length; i++)
            y[i] = PowerOfTwoFormat.Encode(double.CreateTruncating(x[i]), op.Saturate, op.RoundMode);
    }

    private static void ToFloat8<T>(Cast op, ReadOnlySpan<T> x, Tensor y) where T : unmanaged, INumber<T>
    {
        var format = SmallFloatFormat.Of(y.DType);
        var codes = y.WritableBytes();
        for (var i = 0; i < codes.Length; i++)
            codes[i] = format.Encode(double.CreateTruncating(x[i]), op.Saturate);
    }

    private static void Convert<TFrom, TTo>(Tensor x, Tensor y)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        var work = new ConvertWork<TFrom, TTo>((TFrom*)x.Address, (TTo*)y.Address, x.Count);
        Workers.Run(ElementLoops.Chunks(x.Count), ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    private static ShapeMismatchException Unsupported(Tensor x, Tensor y) => new($"Cast from {x.DType} to {y.DType} is not among those that this engine computes.");

    private readonly struct ConvertWork<TFrom, TTo>(TFrom* x, TTo* y, int count) : IWork
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        public void Run(int part)
        {
            var (start, length) = (part * ElementLoops.Chunk, Math.Min(ElementLoops.Chunk, count - (part * ElementLoops.Chunk)));
            TensorPrimitives.ConvertTruncating(new ReadOnlySpan<TFrom>(x + start, length), new Span<TTo>(y + start, length));
        }
    }
}
