using Anneal.Onnx;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>Row numbers in row-major order for what operators name by several numbers: a gather or a scatter along many axes is then one along a single axis.</summary>
internal static class Places
{
    /// <summary>The place of each index: its number along an axis, and where it stands itself along the others.</summary>
    /// <param name="op">The operator, for errors.</param>
    /// <param name="indices">Indices with as many axes as x.</param>
    /// <param name="x">The shape in which places are counted.</param>
    /// <param name="axis">The axis along which an index counts.</param>
    public static Tensor OfElements(string op, Tensor indices, TensorShape x, int axis)
    {
        RequireInside(op, indices.Shape, x, axis);
        var (steps, places) = (Strides.Of(x), indices.ToInt64s());
        var step = steps[axis];
        steps[axis] = 0;
        var others = new Odometer(indices.Shape, steps);
        for (var i = 0; i < places.Length; i++, others.Next())
            places[i] = others.Offset + ((long)step * Counted(op, places[i], x[axis]));
        return Tensor.From(places, [places.Length]);
    }

    /// <summary>The place of each tuple [b…,n…,k] of numbers along the k axes after the batch axes, counted in blocks of the axes after those.</summary>
    /// <param name="op">The operator, for errors.</param>
    /// <param name="tuples">The tuples along the last axis.</param>
    /// <param name="x">The shape in which places are counted.</param>
    /// <param name="batchAxes">How many leading axes tuples and x share.</param>
    public static Tensor OfTuples(string op, Tensor tuples, TensorShape x, int batchAxes)
    {
        var (numbers, k) = (tuples.ToInt64s(), tuples.Shape[^1]);
        var perBatch = tuples.Shape.Product(batchAxes, tuples.Rank - 1);
        var places = new long[tuples.Shape.Product(0, tuples.Rank - 1)];
        for (var i = 0; i < places.Length; i++)
        {
            var place = (long)(i / perBatch);
            for (var j = 0; j < k; j++)
                place = (place * x[batchAxes + j]) + Counted(op, numbers[(i * k) + j], x[batchAxes + j]);
            places[i] = place;
        }
        return Tensor.From(places, [places.Length]);
    }

    private static long Counted(string op, long index, int extent) =>
        (index < 0 ? index + extent : index) is var counted && counted >= 0 && counted < extent
            ? counted
            : throw new AnnealException($"{op}: index {index} is outside -{extent} to {extent - 1}.");

    private static void RequireInside(string op, TensorShape indices, TensorShape x, int axis)
    {
        for (var other = 0; other < x.Rank; other++)
            if (other != axis && indices[other] > x[other])
                throw new ShapeMismatchException($"{op}: the indices {indices} reach beyond {x} along axis {other}.");
    }
}
