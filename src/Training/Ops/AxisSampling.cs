using System.Collections.Concurrent;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>How the places along one axis of a resized tensor map to places along the axis before (ONNX operator <c>Resize</c>).</summary>
/// <param name="Axis">The axis.</param>
/// <param name="From">Its extent before.</param>
/// <param name="To">Its extent afterwards.</param>
/// <param name="Scale">The factor as the node states it, or as it follows from the sizes.</param>
/// <param name="Transformation">The node's coordinate_transformation_mode.</param>
/// <param name="Start">Where the region of interest begins, as a share of the axis.</param>
/// <param name="End">Where it ends.</param>
internal sealed record AxisSampling(int Axis, int From, int To, double Scale, string Transformation, double Start, double End)
{
    private static readonly ConcurrentDictionary<(AxisSampling, ResizeFilter), TapMatrix> Matrices = [];

    /// <summary>Whether places may lie outside, where the node's own value stands.</summary>
    public bool IsCropped => Transformation == "tf_crop_and_resize";

    /// <summary>The axes that change. Inputs as of Resize.</summary>
    public static List<AxisSampling> Of(Resize op, ReadOnlySpan<Tensor?> inputs)
    {
        var x = inputs[0]!.Shape;
        int[] axes = op.Axes is null ? [.. Enumerable.Range(0, x.Rank)] : [.. op.Axes.Select(axis => Axes.Count(axis, x.Rank))];
        var isCropped = op.CoordinateTransformationMode == "tf_crop_and_resize";
        var region = isCropped ? Numbers(inputs, 1) ?? throw new AnnealException("Resize by tf_crop_and_resize needs a region of interest.") : [];
        if (isCropped && region.Length != 2 * axes.Length)
            throw new ShapeMismatchException($"Resize: the region of interest has {region.Length} numbers for {axes.Length} axes; it needs two for each.");
        var (scales, sizes) = (Numbers(inputs, 2), Numbers(inputs, 3));
        var shared = sizes is null ? null : SharedScale(op.KeepAspectRatioPolicy, [.. axes.Select((axis, i) => sizes[i] / x[axis])]);
        var result = new List<AxisSampling>();
        for (var i = 0; i < axes.Length; i++)
        {
            var (start, end) = isCropped ? (region[i], region[i + axes.Length]) : (0, 1);
            var (to, scale) = scales is null ? Sized(sizes![i], x[axes[i]], shared) : Scaled(x[axes[i]], scales[i], end - start);
            if (to != x[axes[i]] || scale != 1 || start != 0 || end != 1)
                result.Add(new(axes[i], x[axes[i]], to, scale, op.CoordinateTransformationMode, start, end));
        }
        return result;
    }

    /// <summary>The place before, counted in elements, of a place afterwards.</summary>
    public double Place(int to)
    {
        // align_corners measures by the extent before fractions were dropped, as ONNX's vectors have it.
        var extent = IsCropped ? To : Scale * From;
        return Transformation switch
        {
            "half_pixel" => ((to + 0.5) / Scale) - 0.5,
            "pytorch_half_pixel" => To == 1 ? 0 : ((to + 0.5) / Scale) - 0.5,
            "half_pixel_symmetric" => (From / 2.0 * (1 - (To / extent))) + ((to + 0.5) / Scale) - 0.5,
            "align_corners" => extent == 1 ? 0 : to * (From - 1.0) / (extent - 1),
            "asymmetric" => to / Scale,
            "tf_crop_and_resize" => (Start * (From - 1)) + (extent == 1 ? (End - Start) * (From - 1) / 2 : to * (End - Start) * (From - 1) / (extent - 1)),
            _ => throw new AnnealException($"Resize: the coordinate_transformation_mode '{Transformation}' is not known."),
        };
    }

    /// <summary>The number of the element nearest to each place.</summary>
    public long[] Nearest(string mode)
    {
        var numbers = new long[To];
        for (var i = 0; i < To; i++)
            numbers[i] = Math.Clamp(Rounded(Place(i), mode), 0, From - 1);
        return numbers;
    }

    /// <summary>What the elements around each place weigh.</summary>
    public TapMatrix Taps(ResizeFilter filter) => Matrices.GetOrAdd((this with { Axis = 0 }, filter), static key => key.Item1.Weigh(key.Item2));

    private TapMatrix Weigh(ResizeFilter filter)
    {
        var rows = new List<(int Column, double Weight)>[To];
        for (var i = 0; i < To; i++)
            rows[i] = filter.Taps(Place(i), Scale, From);
        return TapMatrix.Of(From, rows);
    }

    private static long Rounded(double place, string mode) => mode switch
    {
        "round_prefer_floor" => (long)Math.Ceiling(place - 0.5),
        "round_prefer_ceil" => (long)Math.Floor(place + 0.5),
        "floor" => (long)Math.Floor(place),
        "ceil" => (long)Math.Ceiling(place),
        _ => throw new AnnealException($"Resize: the nearest_mode '{mode}' is not known."),
    };

    /// <summary>The numbers of an input, or null when it is left out; files also write an empty list for that.</summary>
    private static double[]? Numbers(ReadOnlySpan<Tensor?> inputs, int index) =>
        index < inputs.Length && inputs[index] is { Count: > 0 } input ? input.To(DType.Double).ToArray<double>() : null;

    private static double? SharedScale(string policy, double[] scales) => policy switch
    {
        "not_larger" => scales.Min(),
        "not_smaller" => scales.Max(),
        _ => null,
    };

    private static (int To, double Scale) Sized(double size, int from, double? shared) =>
        shared is { } scale ? ((int)Math.Floor((scale * from) + 0.5), scale) : ((int)size, size / from);

    /// <summary>The product is taken in float32, as engines do: what a fraction was meant to give, it gives.</summary>
    private static (int To, double Scale) Scaled(int from, double scale, double share) => ((int)((float)from * (float)share * (float)scale), scale);
}

/// <summary>The weights of the elements around a place (ONNX operator <c>Resize</c>).</summary>
/// <param name="Mode"><c>linear</c>, or <c>cubic</c> (Keys 1981).</param>
/// <param name="CubicCoeffA">The parameter a of the cubic filter.</param>
/// <param name="Antialias">Whether the filter widens when shrinking.</param>
/// <param name="ExcludeOutside">Whether elements outside weigh nothing and the others sum up to 1; else those at the edges stand in for them.</param>
internal sealed record ResizeFilter(string Mode, double CubicCoeffA, bool Antialias, bool ExcludeOutside)
{
    /// <summary>The elements around a place of an axis, and their weights.</summary>
    public List<(int Column, double Weight)> Taps(double place, double scale, int extent)
    {
        var narrow = Antialias ? Math.Min(scale, 1) : 1;
        var first = (int)Math.Floor((Mode == "linear" ? -1 : -2) / narrow) + 1;
        var left = (int)Math.Ceiling(place) - 1;
        var taps = new List<(int Column, double Weight)>();
        for (var i = first; i < 2 - first; i++)
            if (!ExcludeOutside || (left + i >= 0 && left + i < extent))
                taps.Add((Math.Clamp(left + i, 0, extent - 1), Weight(Math.Abs(left + i - place) * narrow)));
        var sum = taps.Sum(tap => tap.Weight);
        return [.. taps.Where(tap => tap.Weight != 0).Select(tap => (tap.Column, tap.Weight / sum))];
    }

    private double Weight(double distance)
    {
        if (Mode == "linear")
            return Math.Max(0, 1 - distance);
        var a = CubicCoeffA;
        return distance switch
        {
            <= 1 => ((((a + 2) * distance) - (a + 3)) * distance * distance) + 1,
            < 2 => (((((a * distance) - (5 * a)) * distance) + (8 * a)) * distance) - (4 * a),
            _ => 0,
        };
    }
}
