using System.Numerics;
using System.Runtime.CompilerServices;
using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Operators on the bits of integers. No gradient flows through them.</summary>
internal static class Bits
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new BitwiseKernel<BitsOfBoth>("BitwiseAnd"),
        new BitwiseKernel<BitsOfEither>("BitwiseOr"),
        new BitwiseKernel<BitsOfOne>("BitwiseXor"),
        new BitwiseNotKernel(),
        new BitShiftKernel(),
        new BitCastKernel(),
    ];
}

/// <summary>Two integers that broadcast, bit by bit.</summary>
internal sealed class BitwiseKernel<TFormula>(string name) : Kernel<Elementwise>(name) where TFormula : struct, IBinary
{
    protected override void Compute(Elementwise op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (!x[0]!.DType.IsInteger())
            throw Unsupported(x[0]!, "integers");
        BinaryTypes.Zip<TFormula>(this, x[0]!, x[1]!, y[0]);
    }
}

internal sealed class BitwiseNotKernel() : Kernel<Elementwise>("BitwiseNot")
{
    protected override void Compute(Elementwise op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (!x[0]!.DType.IsInteger())
            throw Unsupported(x[0]!, "integers");
        BinaryTypes.Zip<BitsTurned>(this, x[0]!, x[0]!, y[0]);
    }
}

/// <summary>Bits that are shifted out are gone; a shift by all bits or more leaves 0.</summary>
internal sealed class BitShiftKernel() : Kernel<BitShift>("BitShift")
{
    protected override void Compute(BitShift op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType is not (DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64))
            throw Unsupported(x[0]!, "unsigned integers");
        if (op.Direction == "LEFT")
            BinaryTypes.Zip<ShiftLeft>(this, x[0]!, x[1]!, y[0]);
        else
            BinaryTypes.Zip<ShiftRight>(this, x[0]!, x[1]!, y[0]);
    }
}

/// <summary>The bytes of x as they are, under another type of the same width.</summary>
internal sealed class BitCastKernel() : Kernel<BitCast>("BitCast")
{
    protected override void Compute(BitCast op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var bytes = x[0]!.WritableBytes();
        if (op.To == DType.Bool && bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw new AnnealException($"BitCast: {x[0]!.Title} holds a byte other than 0 and 1, which is no bool. Use Cast.");
        bytes.CopyTo(y[0].WritableBytes());
    }
}

// Through 64 bits, because INumber<T> has no bits: the sign goes in front, and is cut off again.
internal readonly struct BitsOfBoth : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => T.CreateTruncating(long.CreateTruncating(a) & long.CreateTruncating(b));
}

internal readonly struct BitsOfEither : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => T.CreateTruncating(long.CreateTruncating(a) | long.CreateTruncating(b));
}

internal readonly struct BitsOfOne : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => T.CreateTruncating(long.CreateTruncating(a) ^ long.CreateTruncating(b));
}

/// <summary>Of the first number alone.</summary>
internal readonly struct BitsTurned : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => T.CreateTruncating(~long.CreateTruncating(a));
}

internal readonly struct ShiftLeft : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> =>
        ulong.CreateTruncating(b) is var by && by < (ulong)Unsafe.SizeOf<T>() * 8 ? T.CreateTruncating(ulong.CreateTruncating(a) << (int)by) : T.Zero;
}

internal readonly struct ShiftRight : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> =>
        ulong.CreateTruncating(b) is var by && by < (ulong)Unsafe.SizeOf<T>() * 8 ? T.CreateTruncating(ulong.CreateTruncating(a) >> (int)by) : T.Zero;
}
