using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>The operators that make one number of many: sums and extremes have loops, the others are made of them.</summary>
internal static class Reductions
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new ReductionKernel<SumOf>("ReduceSum", (call, spread) => spread(call.Dy(0))),
        new ReductionKernel<LargestOf>("ReduceMax", ToWinners),
        new ReductionKernel<SmallestOf>("ReduceMin", ToWinners),
        new ReductionKernel<ProductOf>("ReduceProd", (call, spread) => spread(call.Dy(0)) * ProductOfOthers(call)),
        new Composite<Reduction>("ReduceMean", (op, x) =>
        {
            var sum = Sum(op, x[0]!, x);
            return sum / (x[0]!.Count / (double)Math.Max(1, sum.Count));
        }),
        new Composite<Reduction>("ReduceL1", (op, x) => Sum(op, x[0]!.Abs(), x)),
        OfReals("ReduceL2", (op, x) => Sum(op, x[0]! * x[0]!, x).Sqrt()),
        new Composite<Reduction>("ReduceSumSquare", (op, x) => Sum(op, x[0]! * x[0]!, x)),
        OfReals("ReduceLogSum", (op, x) => Sum(op, x[0]!, x).Log()),
        OfReals("ReduceLogSumExp", LogSumExp),
    ];

    /// <summary>Which axes a reduction goes over.</summary>
    public static bool[] Reduced(Reduction op, Tensor x, Tensor? axes)
    {
        var reduced = new bool[x.Rank];
        if (axes is null or { Count: 0 })
            Array.Fill(reduced, !op.NoopWithEmptyAxes);
        else
            foreach (var axis in axes.ToInt64s())
                reduced[Axes.Count(axis, x.Rank)] = true;
        return reduced;
    }

    /// <summary>Roots and logarithms: of integers they are taken in double, and fractions are dropped.</summary>
    private static Composite<Reduction> OfReals(string name, Composite<Reduction>.Formula formula) => new(name, (op, x) => x[0]!.DType.IsInteger()
        ? formula(op, [x[0]!.To(DType.Double), x.Length > 1 ? x[1] : null]).To(x[0]!.DType)
        : formula(op, x));

    private static Tensor Sum(Reduction op, Tensor x, ReadOnlySpan<Tensor?> inputs) =>
        Tensor.Apply(op with { Operator = "ReduceSum" }, x, inputs.Length > 1 ? inputs[1] : null);

    /// <summary>Relative to the largest element, so that nothing overflows; where that is infinite, so is the result.</summary>
    private static Tensor LogSumExp(Reduction op, ReadOnlySpan<Tensor?> x)
    {
        var axes = x.Length > 1 ? x[1] : null;
        var largest = Tensor.Apply(op with { Operator = "ReduceMax", Keepdims = true }, x[0]!.Detach(), axes);
        var base0 = Tensor.Where(largest.Abs().Equal(double.PositiveInfinity), largest.ZerosLike(), largest);
        var sum = Sum(op, (x[0]! - base0).Exp(), x).Log();
        return sum + base0.View(sum.Shape);
    }

    /// <summary>
    /// For each element the product of all that are multiplied with it, axis by axis from those before and those after it: nothing is divided by an
    /// element that may be 0.
    /// </summary>
    private static Tensor ProductOfOthers(GradientCall call)
    {
        var (rest, others) = (call.X(0), Tensor.Full(TensorShape.Scalar, 1, call.X(0).DType, call.X(0).Device).BroadcastTo(call.X(0).Shape));
        var reduced = Reduced((Reduction)call.Op, rest, call.OptionalX(1));
        for (var axis = 0; axis < reduced.Length; axis++)
        {
            if (!reduced[axis])
                continue;
            var at = Tensor.Scalar((long)axis);
            others *= Tensor.Apply(new CumProd { Exclusive = true }, rest, at) * Tensor.Apply(new CumProd { Exclusive = true, Reverse = true }, rest, at);
            rest = Tensor.Apply(new Reduction("ReduceProd"), rest, at.Reshape(1));
        }
        return others;
    }

    /// <summary>The gradient goes to the elements that won, in equal shares.</summary>
    private static Tensor ToWinners(GradientCall call, Func<Tensor, Tensor> spread)
    {
        var won = call.X(0).Equal(spread(call.Y(0))).To(call.X(0).DType);
        var winners = Tensor.Apply((Reduction)call.Op with { Operator = "ReduceSum" }, won, call.OptionalX(1));
        return won * spread(call.Dy(0) / winners);
    }
}

/// <summary>How a reduction joins two numbers, and what it starts from.</summary>
internal interface IJoin
{
    static abstract T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>;

    static abstract T Join<T>(T a, T b) where T : unmanaged, INumber<T>;
}

internal readonly struct SumOf : IJoin
{
    public static T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => T.Zero;
    public static T Join<T>(T a, T b) where T : unmanaged, INumber<T> => a + b;
}

internal readonly struct ProductOf : IJoin
{
    public static T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => T.One;
    public static T Join<T>(T a, T b) where T : unmanaged, INumber<T> => a * b;
}

/// <summary>A NaN wins; no elements give the type's least number, for floats minus infinity.</summary>
internal readonly struct LargestOf : IJoin
{
    public static T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => Extremes.Least<T>();
    public static T Join<T>(T a, T b) where T : unmanaged, INumber<T> => T.Max(a, b);
}

/// <summary>A NaN wins; no elements give the type's greatest number, for floats infinity.</summary>
internal readonly struct SmallestOf : IJoin
{
    public static T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => Extremes.Greatest<T>();
    public static T Join<T>(T a, T b) where T : unmanaged, INumber<T> => T.Min(a, b);
}

internal static class Extremes
{
    public static T Least<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => IsFloat<T>() ? T.CreateTruncating(double.NegativeInfinity) : T.MinValue;

    public static T Greatest<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => IsFloat<T>() ? T.CreateTruncating(double.PositiveInfinity) : T.MaxValue;

    private static bool IsFloat<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);
}

/// <summary>A reduction with a loop of its own.</summary>
/// <param name="name">The operator.</param>
/// <param name="gradient">The gradient of x, from the call and a function that spreads a reduced tensor over x's shape.</param>
internal sealed class ReductionKernel<TJoin>(string name, Func<GradientCall, Func<Tensor, Tensor>, Tensor> gradient) : Kernel<Reduction>(name)
    where TJoin : struct, IJoin
{
    public override bool IsSizedByShapes => false;

    protected override void Compute(Reduction op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var reduced = Reductions.Reduced(op, x[0]!, x.Length > 1 ? x[1] : null);
        switch (x[0]!.DType)
        {
            case DType.Float32: Reduce.Run<float, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.Double: Reduce.Run<double, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.Int64: Reduce.Run<long, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.Int32: Reduce.Run<int, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.Int8: Reduce.Run<sbyte, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.UInt8 or DType.Bool: Reduce.Run<byte, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.UInt32: Reduce.Run<uint, TJoin>(x[0]!, reduced, y[0]); break;
            case DType.UInt64: Reduce.Run<ulong, TJoin>(x[0]!, reduced, y[0]); break;
            default: throw Unsupported(x[0]!, "float32, double, integers and bool");
        }
    }

    protected override void Backward(Reduction op, GradientCall call)
    {
        var x = call.X(0).Shape;
        var reduced = Reductions.Reduced(op, call.X(0), call.OptionalX(1));
        var kept = TensorShape.Of([.. x.Select((extent, axis) => reduced[axis] ? 1 : extent)]);
        call.Give(0, gradient(call, tensor => tensor.View(kept).BroadcastTo(x)));
    }
}
