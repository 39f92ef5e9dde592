namespace Anneal.Training.Ops;

/// <summary>The elements that places along one axis are read from.</summary>
/// <param name="Numbers">For each tap, the element of each place; -1 stands for one outside, which is 0.</param>
/// <param name="Weights">For each tap, what it weighs at each place; null where it is 1 everywhere.</param>
internal sealed record AxisTaps(long[][] Numbers, Tensor?[] Weights);

/// <summary>Reads tensors between their elements. Whatever the weights were computed from gets its gradient through them.</summary>
internal static class Sampler
{
    /// <summary>The cubic filter of Keys (1981) with a = -0.75.</summary>
    private const double A = -0.75;

    /// <summary>Reads x [N,C,d…] at P places of each picture.</summary>
    /// <param name="x">What is read.</param>
    /// <param name="axes">The taps along each space axis, of the N·P places.</param>
    /// <returns>[N,C,P].</returns>
    public static Tensor Read(Tensor x, ReadOnlySpan<AxisTaps> axes)
    {
        var (n, c, cells) = (x.Shape[0], x.Shape[1], x.Shape.Product(2, x.Rank));
        var rows = x.Reshape(n, c, cells).Transpose(0, 2, 1).Reshape(n * cells, c);
        var corners = 1;
        foreach (var axis in axes)
            corners *= axis.Numbers.Length;
        Tensor? sum = null;
        for (var corner = 0; corner < corners; corner++)
        {
            var part = Corner(rows, x.Shape, axes, corner);
            sum = sum is null ? part : sum + part;
        }
        return sum!.Reshape(n, sum.Shape[0] / n, c).Transpose(0, 2, 1);
    }

    /// <summary>A place between two elements: the lower one weighs what is missing to the upper one.</summary>
    public static (long[] Floors, Tensor?[] Weights) Linear(Tensor at)
    {
        var (floors, t) = Split(at);
        return (floors, [1 - t, t]);
    }

    /// <summary>A place among four elements, the second being the one below it.</summary>
    public static (long[] Floors, Tensor?[] Weights) Cubic(Tensor at)
    {
        var (floors, t) = Split(at);
        return (floors, [Far(t + 1), Near(t), Near(1 - t), Far(2 - t)]);
    }

    private static (long[] Floors, Tensor Above) Split(Tensor at)
    {
        var floor = Tensor.Apply(new Onnx.Ops.Elementwise("Floor"), at.Detach());
        return (floor.ToInt64s(), at - floor);
    }

    private static Tensor Near(Tensor d) => ((((d * (A + 2)) - (A + 3)) * d) * d) + 1;

    private static Tensor Far(Tensor d) => (((((d * A) - (5 * A)) * d) + (8 * A)) * d) - (4 * A);

    /// <summary>One combination of taps, one of each axis: its elements times its weights, [N·P,C].</summary>
    private static Tensor Corner(Tensor rows, TensorShape x, ReadOnlySpan<AxisTaps> axes, int corner)
    {
        var count = axes[0].Numbers[0].Length;
        var places = new long[count];
        var inside = new bool[count];
        Tensor? weight = null;
        for (var i = 0; i < count; i++)
            (places[i], inside[i]) = (i / (count / x[0]), true);
        for (var axis = 0; axis < axes.Length; axis++)
        {
            (corner, var tap) = Math.DivRem(corner, axes[axis].Numbers.Length);
            Step(places, inside, axes[axis].Numbers[tap], x[axis + 2]);
            if (axes[axis].Weights[tap] is { } factor)
                weight = weight is null ? factor : weight * factor;
        }
        var part = rows.Gathered(Tensor.From(places, [count]));
        if (Array.IndexOf(inside, false) >= 0)
            part = Tensor.Where(Tensor.From(inside, [count, 1], part.Device), part, Tensor.Full(TensorShape.Scalar, 0, part.DType, part.Device));
        return weight is null ? part : part * weight.Reshape(count, 1);
    }

    private static void Step(long[] places, bool[] inside, long[] numbers, int extent)
    {
        for (var i = 0; i < places.Length; i++)
        {
            inside[i] &= numbers[i] >= 0;
            places[i] = (places[i] * extent) + Math.Max(0, numbers[i]);
        }
    }
}
