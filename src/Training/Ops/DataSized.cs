using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Operators whose results are as long as the numbers in their inputs make them.</summary>
internal static class DataSized
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<NonZero>("NonZero", (_, x) => NonZero(x[0]!)),
        new Composites<Unique>("Unique", Unique) { IsChecked = true },
    ];

    private static Tensor NonZero(Tensor x)
    {
        var isSet = x.To(DType.Bool).ToArray<bool>();
        var steps = x.Shape.Strides;
        var found = new List<int>();
        for (var i = 0; i < isSet.Length; i++)
            if (isSet[i])
                found.Add(i);
        var places = new long[x.Rank * found.Count];
        for (var axis = 0; axis < x.Rank; axis++)
            for (var i = 0; i < found.Count; i++)
                places[(axis * found.Count) + i] = found[i] / steps[axis] % x.Shape[axis];
        return Tensor.From(places, [x.Rank, found.Count]);
    }

    /// <summary>The slices that differ are gathered, so that a gradient goes to where each stood first.</summary>
    private static Tensor[] Unique(Unique op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        var x = op.Axis is null ? inputs[0]!.Reshape(-1) : inputs[0]!;
        var axis = Axes.Count(op.Axis ?? 0, x.Rank);
        var found = x.DType switch
        {
            DType.Float32 => Find<float>(x, axis, op.Sorted),
            DType.Double => Find<double>(x, axis, op.Sorted),
            DType.Int64 => Find<long>(x, axis, op.Sorted),
            DType.Int32 => Find<int>(x, axis, op.Sorted),
            DType.UInt8 or DType.Bool => Find<byte>(x.To(DType.UInt8), axis, op.Sorted),
            DType.Int8 => Find<sbyte>(x, axis, op.Sorted),
            _ => throw new ShapeMismatchException($"Unique takes float32, double, int8, int32, int64, uint8 and bool; {x.Title} was given."),
        };
        Tensor[] all = [x.Gather(axis, found.Firsts), List(found.Firsts), List(found.Places), List(found.Counts)];
        return all[..outputs];
    }

    private static Tensor List(long[] numbers) => Tensor.From(numbers, [numbers.Length]);

    private static (long[] Firsts, long[] Places, long[] Counts) Find<T>(Tensor x, int axis, bool sorted) where T : unmanaged, INumber<T>
    {
        var slices = new Slices<T>(x.ToArray<T>(), x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        // A stable order: of equal slices the first comes first.
        int[] order = [.. Enumerable.Range(0, x.Shape[axis]).Order(slices)];
        var groups = new List<List<int>>();
        foreach (var slice in order)
            if (groups.Count > 0 && slices.Compare(groups[^1][0], slice) == 0)
                groups[^1].Add(slice);
            else
                groups.Add([slice]);
        if (!sorted)
            groups.Sort((a, b) => a[0].CompareTo(b[0]));
        var places = new long[order.Length];
        for (var group = 0; group < groups.Count; group++)
            foreach (var slice in groups[group])
                places[slice] = group;
        return ([.. groups.Select(group => (long)group[0])], places, [.. groups.Select(group => (long)group.Count)]);
    }

    /// <summary>Compares slices of [outer, extent, inner] by their elements in row-major order; a NaN equals itself and comes first.</summary>
    private sealed class Slices<T>(T[] elements, int extent, int inner) : IComparer<int> where T : unmanaged, INumber<T>
    {
        public int Compare(int a, int b)
        {
            for (var outer = 0; outer < elements.Length; outer += extent * inner)
                for (var i = 0; i < inner; i++)
                    if (elements[outer + (a * inner) + i].CompareTo(elements[outer + (b * inner) + i]) is var order && order != 0)
                        return order;
            return 0;
        }
    }
}
