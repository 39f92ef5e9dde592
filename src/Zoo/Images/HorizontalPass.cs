using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Anneal.Zoo.Images;

/// <summary>Pillow's horizontal pass: every output pixel of a row is a weighted sum of neighbours in the same input row.</summary>
internal static unsafe class HorizontalPass
{
    /// <summary>Rows that share one reading of the weights.</summary>
    internal const int RowsAtOnce = 4;

    private const int Half = 1 << (Coefficients.Precision - 1);

    /// <summary>
    /// Resamples four rows. <paramref name="source"/> are the rows' first pixels; <paramref name="target"/> receives the window's
    /// pixels, <paramref name="targetStride"/> bytes a row.
    /// </summary>
    internal static void Run(TapTable table, int pixelBytes, Rows4 source, byte* target, long targetStride)
    {
        if (table.Width == SimdWidth.Scalar)
            for (var row = 0; row < RowsAtOnce; row++)
                Plain(table.Coefficients, pixelBytes, source[row], target + row * targetStride);
        else if (pixelBytes == 4)
            Colour(table, source, target, targetStride);
        else
            Grey(table, source, target, targetStride);
    }

    private static void Colour(TapTable table, Rows4 source, byte* target, long targetStride)
    {
        switch (table.Width)
        {
            case SimdWidth.V512: Colour<Vector512<byte>, Lanes512>(table, source, target, targetStride); break;
            case SimdWidth.V256: Colour<Vector256<byte>, Lanes256>(table, source, target, targetStride); break;
            default: Colour<Vector128<byte>, Lanes128>(table, source, target, targetStride); break;
        }
    }

    private static void Grey(TapTable table, Rows4 source, byte* target, long targetStride)
    {
        switch (table.Width)
        {
            case SimdWidth.V512: Grey<Vector512<byte>, Lanes512>(table, source, target, targetStride); break;
            case SimdWidth.V256: Grey<Vector256<byte>, Lanes256>(table, source, target, targetStride); break;
            default: Grey<Vector128<byte>, Lanes128>(table, source, target, targetStride); break;
        }
    }

    private static void Plain(Coefficients coefficients, int pixelBytes, byte* source, byte* target)
    {
        for (var x = 0; x < coefficients.Count; x++)
            for (var channel = 0; channel < pixelBytes; channel++)
            {
                var sum = Half;
                var pixel = source + (long)coefficients.First[x] * pixelBytes + channel;
                for (var t = 0; t < coefficients.Taps[x]; t++)
                    sum += pixel[(long)t * pixelBytes] * coefficients.Weights[coefficients.Offset[x] + t];
                *target++ = (byte)Math.Clamp(sum >> Coefficients.Precision, 0, 255);
            }
    }

    // A group is half a vector of bytes: 2, 4 or 8 pixels. It may reach past the last tap, never more than PixelBuffer.Slack past the
    // last row; those taps weigh nothing. The four rows' pixels are packed together: 16 bytes, one pixel of each row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Colour<T, TLanes>(TapTable table, Rows4 source, byte* target, long targetStride)
        where T : unmanaged where TLanes : struct, ILanes<T>
    {
        fixed (short* allWeights = table.Weights)
        fixed (int* first = table.Coefficients.First, groups = table.Groups, offset = table.Offset)
            for (var x = 0; x < table.Groups.Length; x++)
            {
                T low0 = default, low1 = default, low2 = default, low3 = default;
                T high0 = default, high1 = default, high2 = default, high3 = default;
                var weights = (byte*)(allWeights + offset[x]);
                var at = (long)first[x] * 4;
                for (var group = groups[x]; group > 0; group--, weights += 2 * sizeof(T), at += sizeof(T) / 2)
                {
                    var (low, high) = (TLanes.Load(weights), TLanes.Load(weights + sizeof(T)));
                    var pixels = TLanes.PairChannels(TLanes.LoadWidened(source.Row0 + at));
                    low0 = TLanes.Add(low0, TLanes.MultiplyAddPairs(pixels, low));
                    high0 = TLanes.Add(high0, TLanes.MultiplyAddPairs(pixels, high));
                    pixels = TLanes.PairChannels(TLanes.LoadWidened(source.Row1 + at));
                    low1 = TLanes.Add(low1, TLanes.MultiplyAddPairs(pixels, low));
                    high1 = TLanes.Add(high1, TLanes.MultiplyAddPairs(pixels, high));
                    pixels = TLanes.PairChannels(TLanes.LoadWidened(source.Row2 + at));
                    low2 = TLanes.Add(low2, TLanes.MultiplyAddPairs(pixels, low));
                    high2 = TLanes.Add(high2, TLanes.MultiplyAddPairs(pixels, high));
                    pixels = TLanes.PairChannels(TLanes.LoadWidened(source.Row3 + at));
                    low3 = TLanes.Add(low3, TLanes.MultiplyAddPairs(pixels, low));
                    high3 = TLanes.Add(high3, TLanes.MultiplyAddPairs(pixels, high));
                }
                var upper = Lanes128.PackShorts(Finish<T, TLanes>(low0, high0), Finish<T, TLanes>(low1, high1));
                var lower = Lanes128.PackShorts(Finish<T, TLanes>(low2, high2), Finish<T, TLanes>(low3, high3));
                var result = Lanes128.PackBytes(upper, lower).AsInt32();
                var place = target + 4 * x;
                *(int*)place = result.GetElement(0);
                *(int*)(place + targetStride) = result.GetElement(1);
                *(int*)(place + 2 * targetStride) = result.GetElement(2);
                *(int*)(place + 3 * targetStride) = result.GetElement(3);
            }
    }

    // Grey needs no pairing: neighbouring bytes are neighbouring taps, and the four sums of a vector belong to one pixel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Grey<T, TLanes>(TapTable table, Rows4 source, byte* target, long targetStride)
        where T : unmanaged where TLanes : struct, ILanes<T>
    {
        fixed (short* allWeights = table.Weights)
            for (var row = 0; row < RowsAtOnce; row++)
                for (var x = 0; x < table.Groups.Length; x++)
                {
                    T lows = default, highs = default;
                    var weights = (byte*)(allWeights + table.Offset[x]);
                    var pixel = source[row] + table.Coefficients.First[x];
                    for (var group = table.Groups[x]; group > 0; group--, weights += 2 * sizeof(T), pixel += sizeof(T) / 2)
                    {
                        var pixels = TLanes.LoadWidened(pixel);
                        lows = TLanes.Add(lows, TLanes.MultiplyAddPairs(pixels, TLanes.Load(weights)));
                        highs = TLanes.Add(highs, TLanes.MultiplyAddPairs(pixels, TLanes.Load(weights + sizeof(T))));
                    }
                    var sum = Vector128.Sum(TLanes.SumLanes(TLanes.Add(lows, TLanes.ShiftLeft(highs, TapTable.LowBits))));
                    target[row * targetStride + x] = (byte)Math.Clamp((sum + Half) >> Coefficients.Precision, 0, 255);
                }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Finish<T, TLanes>(T low, T high) where T : unmanaged where TLanes : struct, ILanes<T>
    {
        var sum = TLanes.SumLanes(TLanes.Add(low, TLanes.ShiftLeft(high, TapTable.LowBits)));
        return ((sum + Vector128.Create(Half)) >> Coefficients.Precision).AsByte();
    }
}

/// <summary>The starts of four rows.</summary>
internal readonly unsafe struct Rows4
{
    internal readonly byte* Row0, Row1, Row2, Row3;

    /// <summary><paramref name="count"/> rows from <paramref name="first"/>; where fewer than four are left the last is repeated.</summary>
    internal Rows4(byte* first, long stride, int count)
    {
        Row0 = first;
        Row1 = first + stride * Math.Min(1, count - 1);
        Row2 = first + stride * Math.Min(2, count - 1);
        Row3 = first + stride * Math.Min(3, count - 1);
    }

    internal byte* this[int row] => row switch { 0 => Row0, 1 => Row1, 2 => Row2, _ => Row3 };
}
