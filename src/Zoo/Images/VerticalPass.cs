using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Anneal.Zoo.Images;

/// <summary>Pillow's vertical pass: every byte of an output row is a weighted sum of the bytes above one another in input rows.</summary>
internal static unsafe class VerticalPass
{
    private const int Half = 1 << (Coefficients.Precision - 1);

    /// <summary>
    /// Makes output row <paramref name="y"/> of the window from rows of <paramref name="bytes"/> bytes. Up to 64 bytes may be read
    /// and written past the end of each row, and are without meaning.
    /// </summary>
    /// <param name="coefficients">The vertical weights.</param>
    /// <param name="y">The row of the window.</param>
    /// <param name="source">The first input row that counts for <paramref name="y"/>.</param>
    /// <param name="stride">Bytes between input rows.</param>
    /// <param name="target">The output row.</param>
    /// <param name="bytes">Bytes of a row.</param>
    /// <param name="width">The vectors to use.</param>
    internal static void Run(Coefficients coefficients, int y, byte* source, long stride, byte* target, int bytes, SimdWidth width)
    {
        var weights = coefficients.Weights.AsSpan(coefficients.Offset[y], coefficients.Taps[y]);
        switch (width)
        {
            case SimdWidth.V512: Blocks<Vector512<byte>, Lanes512>(weights, source, stride, target, bytes); break;
            case SimdWidth.V256: Blocks<Vector256<byte>, Lanes256>(weights, source, stride, target, bytes); break;
            case SimdWidth.V128: Blocks<Vector128<byte>, Lanes128>(weights, source, stride, target, bytes); break;
            default: Plain(weights, source, stride, target, bytes); break;
        }
    }

    private static void Plain(ReadOnlySpan<int> weights, byte* source, long stride, byte* target, int bytes)
    {
        for (var i = 0; i < bytes; i++)
        {
            var sum = Half;
            for (var t = 0; t < weights.Length; t++)
                sum += source[t * stride + i] * weights[t];
            target[i] = (byte)Math.Clamp(sum >> Coefficients.Precision, 0, 255);
        }
    }

    // Two input rows at a time: their bytes are zipped into pairs, so that one instruction multiplies and adds both. Zipping twice
    // spreads a vector over four, which packing twice puts back in order. Low and high halves of the weights as in TapTable.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks<T, TLanes>(ReadOnlySpan<int> weights, byte* source, long stride, byte* target, int bytes)
        where T : unmanaged where TLanes : struct, ILanes<T>
    {
        for (var i = 0; i < bytes; i += sizeof(T))
        {
            T low0 = default, low1 = default, low2 = default, low3 = default;
            T high0 = default, high1 = default, high2 = default, high3 = default;
            var row = source + i;
            for (var t = 0; t < weights.Length; t += 2, row += 2 * stride)
            {
                var hasSecond = t + 1 < weights.Length;
                var (low, high) = Split(weights[t], hasSecond ? weights[t + 1] : 0);
                var (lowWeights, highWeights) = (TLanes.Repeat(low), TLanes.Repeat(high));
                var (above, below) = (TLanes.Load(row), TLanes.Load(hasSecond ? row + stride : row));
                var (left, right) = (TLanes.ZipLow(above, below), TLanes.ZipHigh(above, below));
                var pairs = TLanes.ZipLow(left, default);
                low0 = TLanes.Add(low0, TLanes.MultiplyAddPairs(pairs, lowWeights));
                high0 = TLanes.Add(high0, TLanes.MultiplyAddPairs(pairs, highWeights));
                pairs = TLanes.ZipHigh(left, default);
                low1 = TLanes.Add(low1, TLanes.MultiplyAddPairs(pairs, lowWeights));
                high1 = TLanes.Add(high1, TLanes.MultiplyAddPairs(pairs, highWeights));
                pairs = TLanes.ZipLow(right, default);
                low2 = TLanes.Add(low2, TLanes.MultiplyAddPairs(pairs, lowWeights));
                high2 = TLanes.Add(high2, TLanes.MultiplyAddPairs(pairs, highWeights));
                pairs = TLanes.ZipHigh(right, default);
                low3 = TLanes.Add(low3, TLanes.MultiplyAddPairs(pairs, lowWeights));
                high3 = TLanes.Add(high3, TLanes.MultiplyAddPairs(pairs, highWeights));
            }
            var first = TLanes.PackShorts(Finish<T, TLanes>(low0, high0), Finish<T, TLanes>(low1, high1));
            var second = TLanes.PackShorts(Finish<T, TLanes>(low2, high2), Finish<T, TLanes>(low3, high3));
            TLanes.Store(TLanes.PackBytes(first, second), target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Finish<T, TLanes>(T low, T high) where T : unmanaged where TLanes : struct, ILanes<T>
    {
        var sum = TLanes.Add(low, TLanes.ShiftLeft(high, TapTable.LowBits));
        return TLanes.ShiftRight(TLanes.Add(sum, TLanes.Repeat(Half)), Coefficients.Precision);
    }

    // The two rows' weights as 16-bit neighbours, the first in the low half of the 32 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Low, int High) Split(int first, int second)
    {
        const int Mask = (1 << TapTable.LowBits) - 1;
        return ((first & Mask) | ((second & Mask) << 16), ((first >> TapTable.LowBits) & 0xFFFF) | ((second >> TapTable.LowBits) << 16));
    }
}
