using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Tensors that come out of shapes and attributes, not out of other elements.</summary>
internal static class Generators
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<Constant>("Constant", (op, _) => Tensor.From(ConstantOf(op))),
        new Composite<ConstantOfShape>("ConstantOfShape", (op, x) =>
            Tensor.From((op.Value ?? TensorData.Create("", [0f], 1)).WithName("")).Reshape([]).BroadcastTo(TensorShape.Of([.. x[0]!.ToInt64s().Select(e => (int)e)]))) { Steering = [0] },
        new Composite<ShapeOf>("Shape", (op, x) =>
        {
            var rank = x[0]!.Rank;
            var (start, end) = (Place(op.Start, rank), Place(op.End ?? rank, rank));
            long[] extents = [.. x[0]!.Shape.Take(end).Skip(start).Select(extent => (long)extent)];
            return Tensor.From(extents, [extents.Length]);
        }) { Steering = [0] },
        new Composite<Size>("Size", (_, x) => Tensor.Scalar((long)x[0]!.Count)) { Steering = [0] },
        new Composite<Onnx.Ops.Range>("Range", (_, x) => Steps(x[0]!, x[1]!, x[2]!)) { Steering = [0, 1, 2] },
        new Composite<EyeLike>("EyeLike", EyeLike),
    ];

    private static TensorData ConstantOf(Constant op) => op.Dense()
        ?? throw new AnnealException("A Constant that is stored sparse cannot be computed by this engine; store it dense.");

    private static int Place(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);

    /// <summary>start, start + delta … to before the limit, counted in the inputs' own type.</summary>
    private static Tensor Steps(Tensor start, Tensor limit, Tensor delta)
    {
        var count = start.DType.IsInteger()
            ? Count(start.ToInt64s()[0], limit.ToInt64s()[0], delta.ToInt64s()[0])
            : Math.Max(0, Math.Ceiling((limit - start).Item() / delta.Item()));
        long[] numbers = [.. Enumerable.Range(0, (int)count).Select(i => (long)i)];
        return start.Reshape([]) + (Tensor.From(numbers, [numbers.Length], start.Device).To(start.DType) * delta.Reshape([]));
    }

    private static double Count(long start, long limit, long delta) => delta == 0
        ? throw new AnnealException("Range: the step is 0.")
        : Math.Max(0, Math.Ceiling(((double)limit - start) / delta));

    private static Tensor EyeLike(EyeLike op, ReadOnlySpan<Tensor?> x)
    {
        var (rows, columns) = (x[0]!.Shape[0], x[0]!.Shape[1]);
        var ones = new bool[rows * columns];
        for (var row = 0; row < rows; row++)
            if (row + op.K is >= 0 and var column && column < columns)
                ones[(row * columns) + (int)column] = true;
        return Tensor.From(ones, [rows, columns], x[0]!.Device).To(op.ElementType ?? x[0]!.DType);
    }
}
