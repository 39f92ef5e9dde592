using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Anneal.Zoo.Images;

/// <summary>
/// Bytes to a model's numbers: <c>(value / Divide - Mean[c]) / Std[c]</c>, three float32 operations in this order, which is what
/// torchvision's ToTensor and Normalize compute. There are only 256 values a channel, so a table of them is the definition; vectors do
/// the same IEEE operations on eight pixels at once and so agree with it to the bit.
/// </summary>
internal sealed unsafe class Normalizer
{
    private readonly float _divide;
    private readonly float[] _mean;
    private readonly float[] _std;
    private readonly float[][] _tables;
    private readonly int[] _source;

    internal Normalizer(Preprocessing steps)
    {
        _source = steps.Color switch { ColorOrder.Rgb => [0, 1, 2], ColorOrder.Bgr => [2, 1, 0], _ => [0] };
        _divide = steps.Divide;
        _mean = [.. steps.Mean ?? Enumerable.Repeat(0f, Channels)];
        _std = [.. steps.Std ?? Enumerable.Repeat(1f, Channels)];
        _tables = [.. Enumerable.Range(0, Channels).Select(Table)];
    }

    internal int Channels => _source.Length;

    /// <summary>What a byte becomes in a channel of the output.</summary>
    internal float Value(int channel, byte value) => _tables[channel][value];

    /// <summary>
    /// Writes <paramref name="count"/> pixels, a plane for each channel: channel c goes to <paramref name="target"/> + c x
    /// <paramref name="plane"/>.
    /// </summary>
    internal void Planar(byte* pixels, int pixelBytes, int count, float* target, long plane, SimdWidth width)
    {
        for (var channel = 0; channel < Channels; channel++)
        {
            var source = pixelBytes == 1 ? 0 : _source[channel];
            var done = width == SimdWidth.Scalar ? 0
                : pixelBytes == 1 ? Grey(pixels, count, channel, target + channel * plane)
                : Colour(pixels, count, source * 8, channel, target + channel * plane);
            var table = _tables[channel];
            for (var x = done; x < count; x++)
                target[channel * plane + x] = table[pixels[x * pixelBytes + source]];
        }
    }

    /// <summary>Writes <paramref name="count"/> pixels, the channels of a pixel side by side.</summary>
    internal void Interleaved(byte* pixels, int pixelBytes, int count, float* target)
    {
        for (var x = 0; x < count; x++, pixels += pixelBytes)
            for (var channel = 0; channel < _tables.Length; channel++)
                *target++ = _tables[channel][pixels[pixelBytes == 1 ? 0 : _source[channel]]];
    }

    private float[] Table(int channel)
    {
        var table = new float[256];
        for (var value = 0; value < table.Length; value++)
            table[value] = (value / _divide - _mean[channel]) / _std[channel];
        return table;
    }

    // Eight pixels are eight 32-bit numbers; a shift and a mask leave one channel of each, already in the order of the plane.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Colour(byte* pixels, int count, int shift, int channel, float* target)
    {
        var (divide, mean, std) = (Vector256.Create(_divide), Vector256.Create(_mean[channel]), Vector256.Create(_std[channel]));
        var mask = Vector256.Create(0xFF);
        var x = 0;
        for (; x + 8 <= count; x += 8)
        {
            var value = Vector256.ShiftRightLogical(Vector256.Load((int*)(pixels + 4L * x)), shift) & mask;
            ((Vector256.ConvertToSingle(value) / divide - mean) / std).Store(target + x);
        }
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Grey(byte* pixels, int count, int channel, float* target)
    {
        var (divide, mean, std) = (Vector256.Create(_divide), Vector256.Create(_mean[channel]), Vector256.Create(_std[channel]));
        var x = 0;
        for (; x + 8 <= count; x += 8)
        {
            var shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(pixels + x)).AsByte());
            var value = Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)).AsInt32();
            ((Vector256.ConvertToSingle(value) / divide - mean) / std).Store(target + x);
        }
        return x;
    }
}
