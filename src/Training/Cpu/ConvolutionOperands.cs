using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Training.Cpu;

/// <summary>
/// The cells that a grid sees, as the right side of a product: a column for each place of each image, and in each block of depth the channels
/// under the first tap, then under the second, and so on. They are gathered into panels as they are needed; no matrix of columns is ever made
/// (implicit GEMM; Chetlur et al. 2014, "cuDNN").
/// </summary>
internal readonly unsafe struct SeenCells<T>(TapGrid grid, T* x, int channels, int groupChannels) : IOperand<T> where T : unmanaged, INumber<T>
{
    [SkipLocalsInit]
    public T* Panels(T* room, int group, int first, int lines, int depth, int length)
    {
        var width = MicroKernel<T>.Columns;
        var (channel, count) = ((group * groupChannels) + (depth / grid.Taps.Length), length / grid.Taps.Length);
        var most = PixelStrips.MostStretches(grid, width);
        var strips = new PixelStrips(grid, stackalloc PixelStrips.Stretch[most], stackalloc PixelStrips.Piece[3 * most]);
        var to = room;
        for (var line = 0; line < lines; line += width)
        {
            strips.Take(first + line, Math.Min(width, lines - line), (long)channels * grid.Cells);
            foreach (var tap in grid.Taps)
            {
                strips.Aim(tap);
                strips.Copy(x + ((long)channel * grid.Cells), grid.Cells, count, to, width);
                to += (long)count * width;
            }
        }
        return room;
    }
}

/// <summary>
/// The weights of a convolution as the left side of a product: a row for each channel of the result, and depth in the order of
/// <see cref="SeenCells{T}"/>. The steps say how the weights lie, which differs between a convolution and its input gradient.
/// </summary>
internal readonly unsafe struct Filters<T>(T* w, Tap[] taps, FilterSteps steps) : IOperand<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T* Panels(T* room, int group, int first, int lines, int depth, int length)
    {
        var (height, channel, count) = (MicroKernel<T>.Rows, depth / taps.Length, length / taps.Length);
        var to = room;
        for (var row = 0; row < lines; row += height)
        {
            var here = Math.Min(height, lines - row);
            var from = w + (group * steps.Group) + ((first + row) * steps.Row) + (channel * steps.Channel);
            foreach (var tap in taps)
                for (var i = 0; i < count; i++, to += height)
                    for (var at = 0; at < height; at++)
                        to[at] = at < here ? from[(at * steps.Row) + (i * steps.Channel) + tap.Number] : default;
        }
        return room;
    }
}

/// <summary>The steps from one group of weights, row and channel to the next.</summary>
internal readonly record struct FilterSteps(long Group, long Row, long Channel);

/// <summary>Where the channels of a convolution's result go: a row is a channel, a column a place of an image.</summary>
internal readonly unsafe struct Planes<T>(TapGrid grid, T* y, int channels, int groupChannels) : ITarget<T> where T : unmanaged, INumber<T>
{
    public T* Whole(int group, int row, int column, out long step)
    {
        var (image, place) = Math.DivRem(column, grid.Places);
        step = grid.TargetCells;
        return grid.IsDense && place + MicroKernel<T>.Columns <= grid.Places ? Plane(image, group, row) + place : null;
    }

    public void Put(int group, int row, int rows, int column, int columns, T* tile, bool add)
    {
        for (var at = 0; at < columns;)
        {
            var (image, number) = Math.DivRem(column + at, grid.Places);
            var (a, b, c) = grid.Place(number);
            var count = Math.Min(grid.Extents[2] - c, columns - at);
            var to = Plane(image, group, row) + grid.Target(a, b, c);
            for (var i = 0; i < rows; i++, to += grid.TargetCells)
                Row(tile + (i * MicroKernel<T>.Columns) + at, to, count, grid.LastStep, add);
            at += count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* from, T* to, int count, int step, bool add)
    {
        if (add)
            for (var i = 0; i < count; i++, to += step)
                *to += from[i];
        else
            for (var i = 0; i < count; i++, to += step)
                *to = from[i];
    }

    private T* Plane(int image, int group, int row) => y + ((((long)image * channels) + (group * groupChannels) + row) * grid.TargetCells);
}

/// <summary>The images that a batch of weight gradients sums over: batch after batch of groups, an equal share of the images for each.</summary>
internal readonly record struct ImageShare(int Groups, int Images, int Shares)
{
    public int ImagesEach => Images / Shares;

    public int Group(int batch) => batch % Groups;

    public int FirstImage(int batch) => batch / Groups * ImagesEach;
}

/// <summary>dy as the left side of a weight gradient: a row for each channel of dy, and the places of all images as depth.</summary>
internal readonly unsafe struct SlopeRows<T>(TapGrid grid, T* dy, int channels, int groupChannels, ImageShare share) : IOperand<T> where T : unmanaged, INumber<T>
{
    public T* Panels(T* room, int batch, int first, int lines, int depth, int length)
    {
        var height = MicroKernel<T>.Rows;
        var channel = (share.Group(batch) * groupChannels) + first;
        for (var at = 0; at < length;)
        {
            var (image, place) = Math.DivRem(depth + at, grid.Places);
            var count = Math.Min(grid.Places - place, length - at);
            var from = dy + ((((long)(share.FirstImage(batch) + image) * channels) + channel) * grid.Places) + place;
            Cpu.Panels.Along(from, grid.Places, room + (at * height), (long)length * height, height, lines, count);
            at += count;
        }
        return room;
    }
}

/// <summary>
/// The cells that a grid sees as the right side of a weight gradient: a column for each channel and tap, and the places of all images as depth.
/// The cells under a tap are first brought side by side, and then turned into a panel.
/// </summary>
internal readonly unsafe struct SeenRows<T>(TapGrid grid, T* x, int channels, int groupChannels, ImageShare share) : IOperand<T> where T : unmanaged, INumber<T>
{
    private const int Lines = 3;

    public T* Panels(T* room, int batch, int first, int lines, int depth, int length)
    {
        var from = x + ((((long)share.FirstImage(batch) * channels) + (share.Group(batch) * groupChannels)) * grid.Cells);
        if (grid.IsPlain)
            Plain(from, room, first, lines, depth, length);
        else
            Gathered(from, room, first, lines, depth, length);
        return room;
    }

    private void Plain(T* from, T* room, int first, int lines, int depth, int length)
    {
        var width = MicroKernel<T>.Columns;
        for (var at = 0; at < length;)
        {
            var (image, place) = Math.DivRem(depth + at, grid.Places);
            var count = Math.Min(grid.Places - place, length - at);
            Cpu.Panels.Along(from + ((((long)image * channels) + first) * grid.Cells) + place, grid.Cells, room + (at * width), (long)length * width, width, lines, count);
            at += count;
        }
    }

    [SkipLocalsInit]
    private void Gathered(T* from, T* room, int first, int lines, int depth, int length)
    {
        var (width, taps) = (MicroKernel<T>.Columns, grid.Taps);
        // Copies of whole vectors may spill over a line's end.
        var pitch = length + Vector<T>.Count;
        var side = Scratch.Rent<T>(Lines, (long)lines * pitch);
        var most = PixelStrips.MostStretches(grid, length);
        var strips = new PixelStrips(grid, stackalloc PixelStrips.Stretch[most], stackalloc PixelStrips.Piece[3 * most]);
        strips.Take(depth, length, (long)channels * grid.Cells);
        for (var tap = 0; tap < taps.Length; tap++)
        {
            var line = (tap - (first % taps.Length) + taps.Length) % taps.Length;
            if (line >= lines)
                continue;
            strips.Aim(taps[tap]);
            var (channel, count) = ((first + line) / taps.Length, (lines - line + taps.Length - 1) / taps.Length);
            strips.Copy(from + ((long)channel * grid.Cells), grid.Cells, count, side + ((long)line * pitch), (long)taps.Length * pitch);
        }
        Cpu.Panels.Along(side, pitch, room, (long)length * width, width, lines, length);
    }
}
