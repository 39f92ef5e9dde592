using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anneal.Training.Cpu;

/// <summary>
/// A run of places of a grid, over any number of images, cut into stretches that lie in one row of one image: what has to be copied to bring the
/// cells under one tap side by side. The plan of a tap is the same for every channel.
/// </summary>
internal unsafe ref struct PixelStrips(TapGrid grid, Span<PixelStrips.Stretch> stretches, Span<PixelStrips.Piece> pieces)
{
    private readonly Span<Stretch> _stretches = stretches;
    private readonly Span<Piece> _pieces = pieces;
    private int _stretchCount;
    private int _pieceCount;

    /// <summary>The most stretches that a run of places can have.</summary>
    public static int MostStretches(TapGrid grid, int places) => Math.Min(places, (places / Math.Max(1, grid.Extents[2])) + 2);

    /// <summary>Takes a run of places, counted over all images.</summary>
    /// <param name="first">The first place.</param>
    /// <param name="count">How many.</param>
    /// <param name="imageStep">The distance of one image from the next, in elements.</param>
    public void Take(int first, int count, long imageStep)
    {
        _stretchCount = 0;
        var (image, place) = Math.DivRem(first, grid.Places);
        for (var to = 0; to < count;)
        {
            var (a, b, c) = grid.Place(place);
            var length = Math.Min(grid.Extents[2] - c, count - to);
            _stretches[_stretchCount++] = new(to, length, image * imageStep, a, b, c);
            (to, place) = (to + length, place + length);
            if (place == grid.Places)
                (image, place) = (image + 1, 0);
        }
    }

    /// <summary>Plans the copies for a tap: cells where there are any, zeros elsewhere, in the order in which they are written.</summary>
    public void Aim(Tap tap)
    {
        _pieceCount = 0;
        for (var i = 0; i < _stretchCount; i++)
        {
            var stretch = _stretches[i];
            var row = grid.Row(stretch.A, stretch.B, tap);
            var (first, end) = row < 0 ? (stretch.C + stretch.Count, stretch.C + stretch.Count) : grid.Inside(stretch.C, stretch.C + stretch.Count, tap);
            Add(stretch.To, first - stretch.C, -1);
            Add(stretch.To + first - stretch.C, end - first, stretch.Image + row + ((long)first * grid.LastStride) + tap.C);
            Add(stretch.To + end - stretch.C, stretch.C + stretch.Count - end, -1);
        }
    }

    /// <summary>
    /// Copies what was planned from some channels, each to a line of its own. Whole vectors are written: up to one more than was asked for, which the
    /// next piece or the next line writes over. As much may be read past the cells.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Copy<T>(T* channel, long channelStep, int channels, T* to, long lineStep) where T : unmanaged
    {
        var pieces = _pieces[.._pieceCount];
        var stride = grid.LastStride;
        if (pieces is [{ From: >= 0 } only] && stride == 1)
            for (var i = 0; i < channels; i++, channel += channelStep, to += lineStep)
                Vectors(channel + only.From, to + only.To, only.Count);
        else
            for (var i = 0; i < channels; i++, channel += channelStep, to += lineStep)
                foreach (ref readonly var piece in pieces)
                    if (piece.From < 0)
                        Zero(to + piece.To, piece.Count);
                    else if (stride == 1)
                        Vectors(channel + piece.From, to + piece.To, piece.Count);
                    else if (stride == 2 && typeof(T) == typeof(float) && Avx2.IsSupported)
                        EverySecond((float*)(channel + piece.From), (float*)(to + piece.To), piece.Count);
                    else
                        Every(channel + piece.From, to + piece.To, piece.Count, stride);
    }

    private void Add(int to, int count, long from)
    {
        if (count > 0)
            _pieces[_pieceCount++] = new(to, count, from);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vectors<T>(T* from, T* to, int count) where T : unmanaged
    {
        for (var i = 0; i < count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(from + i), to + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zero<T>(T* to, int count) where T : unmanaged
    {
        for (var i = 0; i < count; i += Vector<T>.Count)
            Vector.Store(Vector<T>.Zero, to + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EverySecond(float* from, float* to, int count)
    {
        for (var i = 0; i < count; i += Vector256<float>.Count)
        {
            // The even elements of both registers, whose halves then trade places.
            var even = Avx.Shuffle(Vector256.Load(from + (2 * i)), Vector256.Load(from + (2 * i) + Vector256<float>.Count), 0x88);
            Avx2.Permute4x64(even.AsDouble(), 0xD8).AsSingle().Store(to + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Every<T>(T* from, T* to, int count, int stride) where T : unmanaged
    {
        for (var i = 0; i < count; i++, from += stride)
            to[i] = *from;
    }

    /// <summary>Places in one row of one image.</summary>
    internal readonly record struct Stretch(int To, int Count, long Image, int A, int B, int C);

    /// <summary>Cells to be copied, or zeros where there is no cell to come from.</summary>
    internal readonly record struct Piece(int To, int Count, long From);
}
