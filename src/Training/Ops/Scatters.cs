using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Elements picked and replaced along several axes at once: each is a gather or a scatter of rows, once their places are counted.</summary>
internal static class Scatters
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<GatherElements>("GatherElements", (op, x) =>
            x[0]!.Reshape(-1).Gathered(Places.OfElements(op.Name, x[1]!, x[0]!.Shape, Axes.Count(op.Axis, x[0]!.Rank))).Reshape(x[1]!.Shape.Extents)) { IsChecked = true, Steering = [1] },
        new Composite<GatherND>("GatherND", GatherND) { IsChecked = true, Steering = [1] },
        new Composite<ScatterElements>("ScatterElements", (op, x) =>
        {
            RequireShape(op, x[2]!, x[1]!.Shape);
            return Scatter(op.Reduction, x[0]!, Places.OfElements(op.Name, x[1]!, x[0]!.Shape, Axes.Count(op.Axis, x[0]!.Rank)), x[2]!);
        }) { IsChecked = true, Steering = [1] },
        new Composite<ScatterND>("ScatterND", (op, x) =>
        {
            RequireShape(op, x[2]!, [.. x[1]!.Shape.Extents[..^1], .. x[0]!.Shape.Extents[x[1]!.Shape[^1]..]]);
            return Scatter(op.Reduction, x[0]!, Places.OfTuples(op.Name, x[1]!, x[0]!.Shape, 0), x[2]!);
        }) { IsChecked = true, Steering = [1] },
        new Composite<TensorScatter>("TensorScatter", TensorScatter) { IsChecked = true, Steering = [2] },
        new ScatterRowsKernel(),
        new ScatterProductGradientKernel(),
    ];

    /// <summary>The rows of x [rows,…] with these numbers, int64.</summary>
    public static Tensor Gathered(this Tensor x, Tensor numbers) => Tensor.Apply(new Gather(), x, numbers);

    /// <summary>x with updates at places, which are counted in rows as long as each place has updates.</summary>
    public static Tensor Scatter(string reduction, Tensor x, Tensor places, Tensor updates)
    {
        if (updates.Count == 0)
            return x;
        var inner = updates.Count / places.Count;
        return Tensor.Apply(new ScatterRows(reduction), x.Reshape(-1, inner), places, updates.Reshape(-1, inner)).Reshape(x.Shape.Extents);
    }

    /// <summary>Refuses updates of another shape than the places have.</summary>
    public static void RequireShape(Op op, Tensor updates, TensorShape shape)
    {
        if (updates.Shape != shape)
            throw new ShapeMismatchException($"{op.Name}: the updates should be {shape}, as the places are; {updates.Title} was given.");
    }

    private static Tensor GatherND(GatherND op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, tuples) = (inputs[0]!, inputs[1]!);
        var first = (int)op.BatchDims + tuples.Shape[^1];
        var (rows, inner) = (x.Shape.Product(0, first), x.Shape.Product(first, x.Rank));
        var picked = x.Reshape(rows, inner).Gathered(Places.OfTuples(op.Name, tuples, x.Shape, (int)op.BatchDims));
        return picked.Reshape([.. tuples.Shape.Extents[..^1], .. x.Shape.Extents[first..]]);
    }

    /// <summary>Each sequence's new tokens go to its own place in the cache on.</summary>
    private static Tensor TensorScatter(TensorScatter op, ReadOnlySpan<Tensor?> inputs)
    {
        var (cache, tokens) = (inputs[0]!, inputs[1]!);
        var starts = inputs.Length > 2 && inputs[2] is { } stated ? stated.ToInt64s() : new long[cache.Shape[0]];
        var axis = Axes.Count(op.Axis, cache.Rank);
        var (outer, extent, count) = (cache.Shape.Product(0, axis), cache.Shape[axis], tokens.Shape[axis]);
        RequireShape(op, tokens, [.. cache.Shape.Extents[..axis], count, .. cache.Shape.Extents[(axis + 1)..]]);
        var places = new long[outer * count];
        for (var i = 0; i < places.Length; i++)
        {
            var row = i / count;
            var at = starts[row / (outer / cache.Shape[0])] + (i % count);
            if (op.Mode == "circular")
                at %= extent;
            if (at < 0 || at >= extent)
                throw new AnnealException($"TensorScatter: token {i % count} would be written to {at} of a cache with {extent} places.");
            places[i] = ((long)row * extent) + at;
        }
        return Scatter("none", cache, Tensor.From(places, [places.Length]), tokens);
    }
}

/// <summary>x [rows, inner], numbers [n] and updates [n, inner] to x with those rows replaced by, or joined with, the updates in their order.</summary>
/// <param name="Reduction">As of ScatterElements: <c>none</c>, <c>add</c>, <c>mul</c>, <c>max</c>, <c>min</c>.</param>
internal sealed record ScatterRows(string Reduction) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.SameType(0, 2), facts.Shape(0));
}

internal sealed class ScatterRowsKernel() : Kernel<ScatterRows>("ScatterRows", TrainingDomain.Name)
{
    private const string Joined = "float32, double, int32, int64 and uint8 where updates are joined";

    public override bool IsReadByHost(int input) => input == 1;

    protected override void Compute(ScatterRows op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        x[0]!.WritableBytes().CopyTo(y[0].WritableBytes());
        var rows = Numbers.Of(this, x[1]!, x[0]!.Shape[0]);
        switch (op.Reduction)
        {
            case "none": RowScatter.Replace(x[2]!, rows, y[0]); break;
            case "add": Join<SumOf>(x[2]!, rows, y[0]); break;
            case "mul": Join<ProductOf>(x[2]!, rows, y[0]); break;
            case "max": Join<LargestOf>(x[2]!, rows, y[0]); break;
            default: Join<SmallestOf>(x[2]!, rows, y[0]); break;
        }
    }

    protected override void Compute(GpuDevice gpu, ScatterRows op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        gpu.Copy(x[0]!.Memory, y[0].Memory, y[0].DType.ByteLength(y[0].Count));
        var rows = Numbers.Of(this, x[1]!, x[0]!.Shape[0]);
        switch (op.Reduction)
        {
            case "none": GpuRows.Replace(gpu, x[2]!, rows, y[0]); break;
            case "add": Join<SumOf>(gpu, x[2]!, rows, y[0]); break;
            case "mul": Join<ProductOf>(gpu, x[2]!, rows, y[0]); break;
            case "max": Join<LargestOf>(gpu, x[2]!, rows, y[0]); break;
            default: Join<SmallestOf>(gpu, x[2]!, rows, y[0]); break;
        }
    }

    protected override void Backward(ScatterRows op, GradientCall call)
    {
        var (dy, numbers) = (call.Dy(0), call.X(1));
        switch (op.Reduction)
        {
            case "none":
                Give(call, Tensor.Apply(op, dy, numbers, call.X(2).ZerosLike()), Tensor.Where(Stays(numbers).To(dy.Device), dy.Gathered(numbers), call.X(2).ZerosLike()));
                break;
            case "add":
                Give(call, dy, dy.Gathered(numbers));
                break;
            case "mul":
                Give(call, Tensor.Apply(op, dy, numbers, call.X(2)), Tensor.Apply(new ScatterProductGradient(), call.X(0), numbers, call.X(2), dy));
                break;
            default:
                ToWinners(call);
                break;
        }
    }

    private static void Give(GradientCall call, Tensor dx, Tensor du)
    {
        if (call.Wants(0))
            call.Give(0, dx);
        if (call.Wants(2))
            call.Give(2, du);
    }

    /// <summary>Which updates are not replaced by a later one, as [n,1].</summary>
    private static Tensor Stays(Tensor numbers)
    {
        var rows = numbers.ToInt64s();
        var (stays, later) = (new bool[rows.Length], new HashSet<long>());
        for (var i = rows.Length - 1; i >= 0; i--)
            stays[i] = later.Add(rows[i]);
        return Tensor.From(stays, [rows.Length, 1]);
    }

    /// <summary>The gradient goes to what won, in equal shares.</summary>
    private static void ToWinners(GradientCall call)
    {
        var (x, numbers, y) = (call.X(0), call.X(1), call.Y(0));
        var (won, updateWon) = (x.Equal(y).To(x.DType), call.X(2).Equal(y.Gathered(numbers)).To(x.DType));
        var share = call.Dy(0) / Tensor.Apply(new ScatterRows("add"), won, numbers, updateWon);
        Give(call, won * share, updateWon * share.Gathered(numbers));
    }

    private void Join<TJoin>(Tensor updates, int[] rows, Tensor y) where TJoin : struct, IJoin
    {
        switch (y.DType)
        {
            case DType.Float32: RowScatter.Join<float, TJoin>(updates, rows, y); break;
            case DType.Double: RowScatter.Join<double, TJoin>(updates, rows, y); break;
            case DType.Int64: RowScatter.Join<long, TJoin>(updates, rows, y); break;
            case DType.Int32: RowScatter.Join<int, TJoin>(updates, rows, y); break;
            case DType.UInt8: RowScatter.Join<byte, TJoin>(updates, rows, y); break;
            default: throw Unsupported(y, Joined);
        }
    }

    private void Join<TJoin>(GpuDevice gpu, Tensor updates, int[] rows, Tensor y) where TJoin : struct, IJoin
    {
        switch (y.DType)
        {
            case DType.Float32: GpuRows.Join<float, TJoin>(gpu, updates, 0, rows, y); break;
            case DType.Double: GpuRows.Join<double, TJoin>(gpu, updates, 0, rows, y); break;
            case DType.Int64: GpuRows.Join<long, TJoin>(gpu, updates, 0, rows, y); break;
            case DType.Int32: GpuRows.Join<int, TJoin>(gpu, updates, 0, rows, y); break;
            case DType.UInt8: GpuRows.Join<byte, TJoin>(gpu, updates, 0, rows, y); break;
            default: throw Unsupported(gpu, y, Joined);
        }
    }
}

/// <summary>
/// The gradient of updates that were multiplied in: x, numbers, updates, dy to dy times all factors but the update itself. What came before it and
/// what came after it are multiplied up from both ends, so that nothing is divided by a factor that may be 0.
/// </summary>
internal sealed record ScatterProductGradient : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(2), facts.Shape(2));
}

internal sealed class ScatterProductGradientKernel() : Kernel<ScatterProductGradient>("ScatterProductGradient", TrainingDomain.Name)
{
    public override bool IsReadByHost(int input) => input == 1;

    protected override void Compute(ScatterProductGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var rows = Numbers.Of(this, x[1]!, x[0]!.Shape[0]);
        if (y[0].DType == DType.Float32)
            Run<float>(rows, x[0]!, x[2]!, x[3]!, y[0]);
        else
            Run<double>(rows, x[0]!, x[2]!, x[3]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, ScatterProductGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var rows = Numbers.Of(this, x[1]!, x[0]!.Shape[0]);
        if (y[0].DType == DType.Float32)
            GpuRows.OtherFactors<float>(gpu, x[0]!, rows, x[2]!, x[3]!, y[0]);
        else
            GpuRows.OtherFactors<double>(gpu, x[0]!, rows, x[2]!, x[3]!, y[0]);
    }

    private static void Run<T>(int[] rows, Tensor x, Tensor updates, Tensor dy, Tensor du) where T : unmanaged, INumber<T>
    {
        var (before, after, inner) = (x.ToArray<T>(), dy.ToArray<T>(), x.Shape[1]);
        var factors = updates.AsSpan<T>();
        var to = du.Writable<T>();
        for (var i = 0; i < to.Length; i++)
        {
            var at = (rows[i / inner] * inner) + (i % inner);
            to[i] = before[at];
            before[at] *= factors[i];
        }
        for (var i = to.Length - 1; i >= 0; i--)
        {
            var at = (rows[i / inner] * inner) + (i % inner);
            to[i] *= after[at];
            after[at] *= factors[i];
        }
    }
}
