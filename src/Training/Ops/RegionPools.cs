using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>Poolings over regions of a picture. Gradients flow to the picture; a region's corners have none.</summary>
internal static class RegionPools
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<RoiAlign>("RoiAlign", RoiAlign) { IsChecked = true, Steering = [2] },
        new Composite<MaxRoiPool>("MaxRoiPool", MaxRoiPool) { IsChecked = true },
    ];

    /// <summary>
    /// Each cell is a weighted sum of few pixels, the same in every channel: a product with a matrix of taps (He et al. 2017). Of a greatest sample,
    /// each pixel's share counts as a sample of its own, as the specification's own code has it.
    /// </summary>
    private static Tensor RoiAlign(RoiAlign op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, pictures) = (inputs[0]!, inputs[2]!.ToInt64s());
        RequireNoGradient(op, inputs[1]!);
        var corners = inputs[1]!.To(DType.Double).ToArray<double>();
        var (n, c, h, w) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var pixels = x.Transpose(0, 2, 3, 1).Reshape(n * h * w, c);
        var regions = new RegionSamples(op, h, w);
        var cells = new List<List<(int Column, double Weight)>>();
        for (var i = 0; i < pictures.Length; i++)
            cells.AddRange(regions.Of(corners.AsSpan(4 * i, 4), Picture(op, pictures[i], n) * h * w));
        var isMean = op.Mode == "avg";
        var y = isMean ? Resizes.Mix(pixels, 0, TapMatrix.Of(n * h * w, cells)) : Greatest(pixels, cells);
        return y.Reshape(pictures.Length, (int)op.OutputHeight, (int)op.OutputWidth, c).Transpose(0, 3, 1, 2);
    }

    /// <summary>The greatest of each cell's weighted pixels, cell by cell; 0 where a cell has none.</summary>
    private static Tensor Greatest(Tensor pixels, List<List<(int Column, double Weight)>> cells)
    {
        var rows = cells.Select(taps =>
        {
            if (taps.Count == 0)
                return Tensor.Zeros([1, pixels.Shape[1]], pixels.DType, pixels.Device);
            var weights = Tensor.From([.. taps.Select(tap => tap.Weight)], [taps.Count, 1], pixels.Device).To(pixels.DType);
            return (pixels.Gather(0, [.. taps.Select(tap => (long)tap.Column)]) * weights).LargestKeep(0);
        });
        return Tensor.Concat(0, [.. rows]);
    }

    private static Tensor MaxRoiPool(MaxRoiPool op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, regions) = (inputs[0]!, inputs[1]!);
        RequireNoGradient(op, regions);
        var shape = TensorShape.Of([regions.Shape[0], x.Shape[1], (int)op.PooledShape[0], (int)op.PooledShape[1]]);
        var winners = new long[shape.ElementCount];
        if (x.DType == DType.Float32)
            FindWinners<float>(op, x, regions, shape, winners);
        else if (x.DType == DType.Double)
            FindWinners<double>(op, x, regions, shape, winners);
        else
            throw new ShapeMismatchException($"MaxRoiPool takes float32 and double; {x.Title} was given. Convert it with To first.");
        var picked = x.Reshape(-1).Gathered(Tensor.From(Array.ConvertAll(winners, winner => Math.Max(0, winner)), shape));
        var isEmpty = Array.ConvertAll(winners, winner => winner < 0);
        return Tensor.Where(Tensor.From(isEmpty, shape, x.Device), Tensor.Full(TensorShape.Scalar, 0, x.DType, x.Device), picked);
    }

    /// <summary>The place of the greatest pixel of each cell; -1 for a cell without pixels.</summary>
    private static void FindWinners<T>(MaxRoiPool op, Tensor x, Tensor regions, TensorShape shape, long[] winners) where T : unmanaged, INumber<T>
    {
        var pixels = x.ToArray<T>();
        var corners = regions.To(DType.Double).ToArray<double>();
        var (channels, height, width) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        for (var i = 0; i < winners.Length; i++)
        {
            var (column, row, channel, region) = (i % shape[3], i / shape[3] % shape[2], i / (shape[3] * shape[2]) % channels, 5 * (i / (shape[3] * shape[2] * channels)));
            var (left, right) = Cell(corners[region + 1], corners[region + 3], op.SpatialScale, column, shape[3], width);
            var (top, bottom) = Cell(corners[region + 2], corners[region + 4], op.SpatialScale, row, shape[2], height);
            var plane = ((Picture(op, (long)corners[region], x.Shape[0]) * channels) + channel) * height * width;
            winners[i] = -1;
            for (var y = top; y < bottom; y++)
                for (var at = plane + (y * width) + left; at < plane + (y * width) + right; at++)
                    if (winners[i] < 0 || pixels[at] > pixels[(int)winners[i]])
                        winners[i] = at;
        }
    }

    /// <summary>The pixels of one of so many cells between two corners, which are rounded to pixels, the last one included (Girshick 2015).</summary>
    private static (int First, int End) Cell(double from, double to, double scale, int cell, int cells, int extent)
    {
        var (start, end) = ((int)Math.Round(from * scale, MidpointRounding.AwayFromZero), (int)Math.Round(to * scale, MidpointRounding.AwayFromZero));
        var size = Math.Max(1, end - start + 1) / (double)cells;
        return (Math.Clamp((int)Math.Floor(cell * size) + start, 0, extent), Math.Clamp((int)Math.Ceiling((cell + 1) * size) + start, 0, extent));
    }

    private static int Picture(Op op, long number, int pictures) => number >= 0 && number < pictures
        ? (int)number
        : throw new AnnealException($"{op.Name}: a region names picture {number}, and there are {pictures}, counted from 0.");

    private static void RequireNoGradient(Op op, Tensor regions)
    {
        if (regions.RequiresGrad && Grad.IsOn)
            throw new AnnealException($"{op.Name} gives no gradient to its regions, and {regions.Title} asks for one. Detach it first.");
    }
}

/// <summary>The samples of <see cref="RoiAlign"/>: each cell of a region as weighted pixels.</summary>
internal sealed class RegionSamples(RoiAlign op, int height, int width)
{
    /// <summary>The cells of one region, row by row; pixels are counted from <paramref name="picture"/> on.</summary>
    public IEnumerable<List<(int Column, double Weight)>> Of(ReadOnlySpan<double> corners, int picture)
    {
        var rows = Along(corners[1], corners[3], (int)op.OutputHeight, height);
        var columns = Along(corners[0], corners[2], (int)op.OutputWidth, width);
        var cells = new List<List<(int Column, double Weight)>>();
        foreach (var row in rows)
            foreach (var column in columns)
                cells.Add(Cell(row, column, picture));
        return cells;
    }

    private List<(int Column, double Weight)> Cell(Sample[] rows, Sample[] columns, int picture)
    {
        var share = op.Mode == "avg" ? 1.0 / Math.Max(1, rows.Length * columns.Length) : 1;
        var taps = new List<(int Column, double Weight)>();
        foreach (var row in rows)
            foreach (var column in columns)
                foreach (var (y, wy) in row.Taps)
                    foreach (var (x, wx) in column.Taps)
                        taps.Add((picture + (y * width) + x, wy * wx * share));
        return taps;
    }

    /// <summary>The samples of each cell along one axis.</summary>
    private Sample[][] Along(double from, double to, int cells, int extent)
    {
        var isHalf = op.CoordinateTransformationMode == "half_pixel";
        var start = (from * op.SpatialScale) - (isHalf ? 0.5 : 0);
        var size = ((to * op.SpatialScale) - (isHalf ? 0.5 : 0) - start) is var whole && !isHalf ? Math.Max(1, whole) : whole;
        var count = op.SamplingRatio > 0 ? (int)op.SamplingRatio : (int)Math.Ceiling(size / cells);
        var step = size / cells;
        return [.. Enumerable.Range(0, cells).Select(cell => Enumerable.Range(0, Math.Max(0, count))
            .Select(i => Sample.At(start + (cell * step) + ((i + 0.5) * step / count), extent)).ToArray())];
    }

    /// <summary>A sample between two elements of an axis; one more than an element outside reads 0.</summary>
    private readonly record struct Sample((int At, double Weight)[] Taps)
    {
        public static Sample At(double place, int extent)
        {
            if (place < -1 || place > extent)
                return new([(0, 0), (0, 0)]);
            place = Math.Max(0, place);
            var low = (int)place;
            return low >= extent - 1
                ? new([(extent - 1, 1), (extent - 1, 0)])
                : new([(low, 1 - (place - low)), (low + 1, place - low)]);
        }
    }
}
