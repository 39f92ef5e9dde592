using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Elements picked by number, by order or by condition, and put elsewhere.</summary>
internal static class Selections
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new GatherKernel(),
        new GatherGradientKernel(),
        new ArgKernel<ArgMax>("ArgMax", wantsLargest: true),
        new ArgKernel<ArgMin>("ArgMin", wantsLargest: false),
        new TopKKernel(),
        new Composite<Compress>("Compress", Compress) { Steering = [1] },
        new Composite<OneHot>("OneHot", OneHot) { Steering = [1] },
        new Composite<Tile>("Tile", Tile) { Steering = [1] },
        new Composite<DepthToSpace>("DepthToSpace", DepthToSpace),
        new Composite<SpaceToDepth>("SpaceToDepth", SpaceToDepth),
        new Composite<Trilu>("Trilu", Trilu) { Steering = [1] },
    ];

    private static Tensor Compress(Compress op, ReadOnlySpan<Tensor?> x)
    {
        var kept = x[1]!.ToInt64s().Select((condition, at) => (condition, at)).Where(pair => pair.condition != 0).Select(pair => (long)pair.at).ToArray();
        return op.Axis is { } axis ? x[0]!.Gather((int)axis, kept) : x[0]!.Reshape(-1).Gather(0, kept);
    }

    /// <summary>Numbers outside -depth to depth - 1 mark nothing.</summary>
    private static Tensor OneHot(OneHot op, ReadOnlySpan<Tensor?> x)
    {
        var (numbers, depth) = (x[0]!.To(DType.Int64), (long)x[1]!.Reshape(-1).Slice(0, 0, 1).Item());
        var axis = Axes.Count(op.Axis, numbers.Rank + 1);
        var counted = Tensor.Where(numbers < 0, numbers + depth, numbers).Unsqueeze(axis);
        int[] shape = [.. Enumerable.Range(0, numbers.Rank + 1).Select(a => a == axis ? (int)depth : 1)];
        var marks = counted.Equal(Tensor.From([.. Enumerable.Range(0, (int)depth).Select(i => (long)i)], TensorShape.Of(shape), numbers.Device));
        return Tensor.Where(marks, x[2]!.Slice(0, 1, 2).Reshape([]), x[2]!.Slice(0, 0, 1).Reshape([]));
    }

    /// <summary>Each axis gets one in front along which it is repeated, and both become one.</summary>
    private static Tensor Tile(Tile op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, repeats) = (inputs[0]!, inputs[1]!.ToInt64s());
        int[] apart = [.. x.Shape.SelectMany(extent => (int[])[1, extent])];
        int[] repeated = [.. x.Shape.SelectMany((extent, axis) => (int[])[(int)repeats[axis], extent])];
        return x.Reshape(apart).BroadcastTo(TensorShape.Of(repeated)).Reshape([.. x.Shape.Select((extent, axis) => extent * (int)repeats[axis])]);
    }

    private static Tensor DepthToSpace(DepthToSpace op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, b) = (inputs[0]!, (int)op.BlockSize);
        var (n, c, h, w) = (x.Shape[0], x.Shape[1] / (b * b), x.Shape[2], x.Shape[3]);
        var apart = op.Mode == "CRD" ? x.Reshape(n, c, b, b, h, w).Transpose(0, 1, 4, 2, 5, 3) : x.Reshape(n, b, b, c, h, w).Transpose(0, 3, 4, 1, 5, 2);
        return apart.Reshape(n, c, h * b, w * b);
    }

    private static Tensor SpaceToDepth(SpaceToDepth op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, b) = (inputs[0]!, (int)op.BlockSize);
        var (n, c, h, w) = (x.Shape[0], x.Shape[1], x.Shape[2] / b, x.Shape[3] / b);
        return x.Reshape(n, c, h, b, w, b).Transpose(0, 3, 5, 1, 2, 4).Reshape(n, c * b * b, h, w);
    }

    private static Tensor Trilu(Trilu op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, k) = (inputs[0]!, inputs.Length > 1 && inputs[1] is { } diagonal ? (long)diagonal.Reshape(-1).Item() : 0);
        var (rows, columns) = (x.Shape[^2], x.Shape[^1]);
        var kept = new bool[rows * columns];
        for (var i = 0; i < kept.Length; i++)
        {
            var above = (i % columns) - (i / columns);
            kept[i] = op.Upper ? above >= k : above <= k;
        }
        return Tensor.Where(Tensor.From(kept, [rows, columns], x.Device), x, Tensor.Full(TensorShape.Scalar, 0, x.DType, x.Device));
    }
}

/// <summary>Rows of x by their numbers along an axis.</summary>
internal sealed class GatherKernel() : Kernel<Gather>("Gather")
{
    public override bool IsReadByHost(int input) => input == 1;

    protected override void Compute(Gather op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Axes.Count(op.Axis, x[0]!.Rank);
        RowMoves.Gather(x[0]!, axis, Numbers.Of(this, x[1]!, x[0]!.Shape[axis]), y[0]);
    }

    protected override void Compute(GpuDevice gpu, Gather op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Axes.Count(op.Axis, x[0]!.Rank);
        GpuRows.Gather(gpu, x[0]!, axis, Numbers.Of(this, x[1]!, x[0]!.Shape[axis]), y[0]);
    }

    protected override void Backward(Gather op, GradientCall call) =>
        call.Give(0, Tensor.Apply(new GatherGradient(Axes.Count(op.Axis, call.X(0).Rank), call.X(0).Shape), call.Dy(0), call.X(1)));
}

/// <summary>The gradient of picked rows: dy, numbers to dx of a shape, in which rows picked twice are summed.</summary>
internal sealed record GatherGradient(int Axis, TensorShape X) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), X.Onnx);
}

internal sealed class GatherGradientKernel() : Kernel<GatherGradient>("GatherGradient", TrainingDomain.Name)
{
    public override bool IsReadByHost(int input) => input == 1;

    protected override void Compute(GatherGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var numbers = Numbers.Of(this, x[1]!, op.X[op.Axis]);
        if (y[0].DType == DType.Float32)
            RowMoves.ScatterAdd<float>(x[0]!, op.Axis, numbers, y[0]);
        else
            RowMoves.ScatterAdd<double>(x[0]!, op.Axis, numbers, y[0]);
    }

    protected override void Compute(GpuDevice gpu, GatherGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var numbers = Numbers.Of(this, x[1]!, op.X[op.Axis]);
        y[0].Clear();
        if (y[0].DType == DType.Float32)
            GpuRows.Join<float, SumOf>(gpu, x[0]!, op.Axis, numbers, y[0]);
        else
            GpuRows.Join<double, SumOf>(gpu, x[0]!, op.Axis, numbers, y[0]);
    }
}

/// <summary>Indices from 0 on.</summary>
internal static class Numbers
{
    /// <exception cref="AnnealException">An index is outside the axis.</exception>
    public static int[] Of(Kernel kernel, Tensor indices, int extent)
    {
        var isHere = indices.DType == DType.Int64 && indices.Device.Kind == DeviceKind.Cpu;
        var given = isHere ? indices.AsSpan<long>() : indices.ToInt64s();
        var numbers = new int[given.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (given[i] < 0 ? given[i] + extent : given[i]) is var counted && counted >= 0 && counted < extent
                ? (int)counted
                : throw new AnnealException($"{kernel.Name}: index {given[i]} is outside -{extent} to {extent - 1}.");
        return numbers;
    }
}

/// <summary>The place of the greatest or least element along an axis; a NaN counts as more extreme than any number.</summary>
internal sealed class ArgKernel<TOp>(string name, bool wantsLargest) : Kernel<TOp>(name) where TOp : ArgReduction
{
    protected override void Compute(TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        switch (x[0]!.DType)
        {
            case DType.Float32: Run<float>(op, x[0]!, y[0]); break;
            case DType.Double: Run<double>(op, x[0]!, y[0]); break;
            case DType.Int64: Run<long>(op, x[0]!, y[0]); break;
            case DType.Int32: Run<int>(op, x[0]!, y[0]); break;
            case DType.UInt8: Run<byte>(op, x[0]!, y[0]); break;
            default: throw Unsupported(x[0]!, "float32, double, int32, int64 and uint8");
        }
    }

    protected override void Compute(GpuDevice gpu, TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Axes.Count(op.Axis, x[0]!.Rank);
        switch (x[0]!.DType)
        {
            case DType.Float32: GpuRows.Arg<float>(gpu, x[0]!, axis, wantsLargest, op.SelectLastIndex, y[0]); break;
            case DType.Double: GpuRows.Arg<double>(gpu, x[0]!, axis, wantsLargest, op.SelectLastIndex, y[0]); break;
            case DType.Int64: GpuRows.Arg<long>(gpu, x[0]!, axis, wantsLargest, op.SelectLastIndex, y[0]); break;
            case DType.Int32: GpuRows.Arg<int>(gpu, x[0]!, axis, wantsLargest, op.SelectLastIndex, y[0]); break;
            case DType.UInt8: GpuRows.Arg<byte>(gpu, x[0]!, axis, wantsLargest, op.SelectLastIndex, y[0]); break;
            default: throw Unsupported(gpu, x[0]!, "float32, double, int32, int64 and uint8");
        }
    }

    private void Run<T>(TOp op, Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        var axis = Axes.Count(op.Axis, x.Rank);
        var (extent, inner) = (x.Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        var from = x.AsSpan<T>();
        var to = y.Writable<long>();
        for (var at = 0; at < to.Length; at++)
        {
            var start = (at / inner * extent * inner) + (at % inner);
            var best = 0;
            for (var i = 1; i < extent; i++)
                if (Beats(from[start + (i * inner)], from[start + (best * inner)], op.SelectLastIndex))
                    best = i;
            to[at] = best;
        }
    }

    private bool Beats<T>(T a, T b, bool orEquals) where T : unmanaged, INumber<T>
    {
        if (T.IsNaN(a) || T.IsNaN(b))
            return T.IsNaN(a) && (!T.IsNaN(b) || orEquals);
        return (wantsLargest ? a > b : a < b) || (orEquals && a == b);
    }
}

/// <summary>The k largest or smallest elements along an axis, of equals the first; the gradient goes back to where they stood.</summary>
internal sealed class TopKKernel() : Kernel<TopK>("TopK")
{
    public override bool IsReadByHost(int input) => input == 1;

    public override bool IsSizedByShapes => false;

    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) => base.Apply(op, inputs, 2)[..Math.Min(outputCount, 2)];

    protected override void Compute(TopK op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        switch (x[0]!.DType)
        {
            case DType.Float32: Run<float>(op, x[0]!, y); break;
            case DType.Double: Run<double>(op, x[0]!, y); break;
            case DType.Int64: Run<long>(op, x[0]!, y); break;
            case DType.Int32: Run<int>(op, x[0]!, y); break;
            case DType.UInt8: Run<byte>(op, x[0]!, y); break;
            case DType.UInt64: Run<ulong>(op, x[0]!, y); break;
            default: throw Unsupported(x[0]!, "float32, double, int32, int64, uint8 and uint64");
        }
    }

    protected override void Compute(GpuDevice gpu, TopK op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var axis = Axes.Count(op.Axis, x[0]!.Rank);
        switch (x[0]!.DType)
        {
            case DType.Float32: GpuRows.Select<float>(gpu, x[0]!, axis, op.Largest, y[0], y[1]); break;
            case DType.Double: GpuRows.Select<double>(gpu, x[0]!, axis, op.Largest, y[0], y[1]); break;
            case DType.Int64: GpuRows.Select<long>(gpu, x[0]!, axis, op.Largest, y[0], y[1]); break;
            case DType.Int32: GpuRows.Select<int>(gpu, x[0]!, axis, op.Largest, y[0], y[1]); break;
            case DType.UInt8: GpuRows.Select<byte>(gpu, x[0]!, axis, op.Largest, y[0], y[1]); break;
            default: throw Unsupported(gpu, x[0]!, "float32, double, int32, int64 and uint8");
        }
    }

    /// <summary>One-hot marks of the chosen places, weighted by dy and summed over the k.</summary>
    protected override void Backward(TopK op, GradientCall call)
    {
        var axis = Axes.Count(op.Axis, call.X(0).Rank);
        var extent = call.X(0).Shape[axis];
        int[] numbers = [.. Enumerable.Range(0, call.X(0).Rank + 1).Select(a => a == axis ? extent : 1)];
        var marks = call.Y(1).Unsqueeze(axis).Equal(Tensor.From([.. Enumerable.Range(0, extent).Select(i => (long)i)], TensorShape.Of(numbers), call.X(0).Device));
        var dy = call.Dy(0).Unsqueeze(axis);
        call.Give(0, (marks.To(dy.DType) * dy).Sum(axis + 1));
    }

    private static void Run<T>(TopK op, Tensor x, Tensor[] y) where T : unmanaged, INumber<T>
    {
        var axis = Axes.Count(op.Axis, x.Rank);
        var (extent, k, inner) = (x.Shape[axis], y[0].Shape[axis], x.Shape.Product(axis + 1, x.Rank));
        var from = x.ToArray<T>();
        var values = y[0].Writable<T>();
        var places = y[1].Writable<long>();
        var (row, selection) = (new T[extent], new Selection<T>(extent, k, op.Largest));
        for (var number = 0; number < x.Shape.Product(0, axis) * inner; number++)
        {
            var (start, to) = ((number / inner * extent * inner) + (number % inner), (number / inner * k * inner) + (number % inner));
            for (var i = 0; i < extent; i++)
                row[i] = from[start + (i * inner)];
            var chosen = selection.Of(row);
            for (var i = 0; i < k; i++)
                (values[to + (i * inner)], places[to + (i * inner)]) = (row[chosen[i]], chosen[i]);
        }
    }
}
