using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>The operators that make one number of many: sums and extremes have loops, the others are made of them.</summary>
internal static class Reductions
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new ReductionKernel<SumOf>("ReduceSum", (call, spread) => spread.Of(call.Dy(0))),
        new ReductionKernel<LargestOf>("ReduceMax", ToWinners),
        new ReductionKernel<SmallestOf>("ReduceMin", ToWinners),
        new ReductionKernel<ProductOf>("ReduceProd", (call, spread) => spread.Of(call.Dy(0)) * ProductOfOthers(call)),
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

    /// <summary>Finds out which axes a reduction goes over.</summary>
    public static void Mark(Reduction op, Tensor? axes, Span<bool> reduced)
    {
        reduced.Fill(axes is null or { Count: 0 } && !op.NoopWithEmptyAxes);
        if (axes is null)
            return;
        var isHere = axes.DType == DType.Int64 && axes.Device.Kind == DeviceKind.Cpu;
        foreach (var axis in isHere ? axes.AsSpan<long>() : axes.ToInt64s())
            reduced[Axes.Count(axis, reduced.Length)] = true;
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
        Span<bool> reduced = stackalloc bool[rest.Rank];
        Mark((Reduction)call.Op, call.OptionalX(1), reduced);
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
    private static Tensor ToWinners(GradientCall call, Spreading spread)
    {
        var won = call.X(0).Equal(spread.Of(call.Y(0))).To(call.X(0).DType);
        var winners = Tensor.Apply((Reduction)call.Op with { Operator = "ReduceSum" }, won, call.OptionalX(1));
        return won * spread.Of(call.Dy(0) / winners);
    }
}

/// <summary>How a reduction joins two numbers, and what it starts from.</summary>
internal interface IJoin
{
    static abstract T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>;

    static abstract T Join<T>(T a, T b) where T : unmanaged, INumber<T>;

    /// <summary>Joins a row in a vector form; false when there is none.</summary>
    static virtual bool TryRow<T>(ReadOnlySpan<T> x, out T result) where T : unmanaged, INumber<T>
    {
        result = default;
        return false;
    }

    /// <summary>Joins each element with what was joined before, in a vector form; false when there is none.</summary>
    static virtual bool TryEach<T>(ReadOnlySpan<T> x, Span<T> joined) where T : unmanaged, INumber<T> => false;
}

internal readonly struct SumOf : IJoin
{
    public static T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => T.Zero;
    public static T Join<T>(T a, T b) where T : unmanaged, INumber<T> => a + b;

    public static unsafe bool TryRow<T>(ReadOnlySpan<T> x, out T result) where T : unmanaged, INumber<T>
    {
        fixed (T* first = x)
            result = RowSums.BlockSum(first, x.Length);
        return true;
    }

    public static bool TryEach<T>(ReadOnlySpan<T> x, Span<T> joined) where T : unmanaged, INumber<T>
    {
        System.Numerics.Tensors.TensorPrimitives.Add(joined, x, joined);
        return true;
    }
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

/// <summary>What comes last: of things that replace one another.</summary>
internal readonly struct LastOf : IJoin
{
    public static T Start<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => T.Zero;
    public static T Join<T>(T a, T b) where T : unmanaged, INumber<T> => b;
}

internal static class Extremes
{
    public static T Least<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => IsFloat<T>() ? T.CreateTruncating(double.NegativeInfinity) : T.MinValue;

    public static T Greatest<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => IsFloat<T>() ? T.CreateTruncating(double.PositiveInfinity) : T.MaxValue;

    private static bool IsFloat<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);
}

/// <summary>A reduction with a loop of its own.</summary>
/// <param name="name">The operator.</param>
/// <param name="gradient">The gradient of x, from the call and what spreads a reduced tensor over x's shape.</param>
internal sealed class ReductionKernel<TJoin>(string name, Func<GradientCall, Spreading, Tensor> gradient) : Kernel<Reduction>(name)
    where TJoin : struct, IJoin
{
    public override bool IsSizedByShapes => false;

    public override bool IsReadByHost(int input) => input == 1;

    protected override void Compute(Reduction op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        Span<bool> reduced = stackalloc bool[x[0]!.Rank];
        Reductions.Mark(op, x.Length > 1 ? x[1] : null, reduced);
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

    protected override void Compute(GpuDevice gpu, Reduction op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        Span<bool> reduced = stackalloc bool[x[0]!.Rank];
        Reductions.Mark(op, x.Length > 1 ? x[1] : null, reduced);
        if (!GpuReduce.TryRun<TJoin>(gpu, x[0]!, reduced, y[0]))
            throw Unsupported(gpu, x[0]!, GpuElements.Types);
    }

    protected override void Backward(Reduction op, GradientCall call)
    {
        var x = call.X(0).Shape;
        Span<bool> reduced = stackalloc bool[x.Rank];
        Reductions.Mark(op, call.OptionalX(1), reduced);
        Span<int> extents = stackalloc int[x.Rank];
        for (var axis = 0; axis < extents.Length; axis++)
            extents[axis] = reduced[axis] ? 1 : x[axis];
        call.Give(0, gradient(call, new(TensorShape.Of(extents), x)));
    }
}

/// <summary>Spreads what a reduction made over the shape that it was made of.</summary>
/// <param name="Kept">The shape of the result with an extent of 1 for each axis that was reduced.</param>
/// <param name="X">The shape that was reduced.</param>
internal readonly record struct Spreading(TensorShape Kept, TensorShape X)
{
    public Tensor Of(Tensor reduced) => (reduced.Shape == Kept ? reduced : reduced.View(Kept)).BroadcastTo(X);
}
