using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>
/// Products of 8-bit integers, exact. They run as products of floats: no partial sum of a row is larger than the largest element of one side times
/// the sum of magnitudes on the other, and floats are exact as long as that is at most 2²⁴ (float32) or 2⁵³ (double, which 2³¹ terms of 255 · 255
/// do not reach), whatever the order of summing. Values only.
/// </summary>
internal static class IntegerProducts
{
    private const double ExactInFloat32 = 1 << 24;

    private const string Integers = "its inputs are integers, which have no gradient";

    public static IEnumerable<Kernel> Kernels =>
    [
        new ValuesOnly<MatMulInteger>("MatMulInteger", Integers, (_, x, _) => [MatMul(x[0]!, Optional(x, 2), x[1]!, Optional(x, 3))]),
        new ValuesOnly<ConvInteger>("ConvInteger", Integers, (op, x, _) => [Conv(op, x[0]!, Optional(x, 2), x[1]!, Optional(x, 3))]),
        new ValuesOnly<QLinearMatMul>("QLinearMatMul", Integers, (_, x, _) => [QLinearMatMul(x)]),
        new ValuesOnly<QLinearConv>("QLinearConv", Integers, (op, x, _) => [QLinearConv(op, x)]),
    ];

    private static Tensor QLinearMatMul(ReadOnlySpan<Tensor?> x)
    {
        var sums = MatMul(x[0]!, x[2], x[3]!, x[5]);
        var (a, b) = (OverRows(x[1]!.To(DType.Float32), x[0]!.Rank), x[4]!.To(DType.Float32));
        return Quantisation.Saturate(sums.To(DType.Float32) * (a * b / x[6]!.To(DType.Float32)), x[7]!, x[7]!.DType);
    }

    private static Tensor QLinearConv(QLinearConv op, ReadOnlySpan<Tensor?> x)
    {
        var sums = Conv(op, x[0]!, x[2], x[3]!, x[5]);
        if (Optional(x, 8) is { } bias)
            sums += Scales.Along(bias, 1, sums.Rank);
        var scale = x[1]!.To(DType.Float32) * x[4]!.To(DType.Float32) / x[6]!.To(DType.Float32);
        return Quantisation.Saturate(sums.To(DType.Float32) * Scales.Along(scale, 1, sums.Rank), x[7]!, x[7]!.DType);
    }

    /// <summary>(a - its zero point) · (b - its zero point) in int32.</summary>
    private static Tensor MatMul(Tensor a, Tensor? aZero, Tensor b, Tensor? bZero)
    {
        var (left, right) = (Shifted(a, aZero is null ? null : OverRows(aZero, a.Rank)), Shifted(b, bZero));
        var sums = right.Rank == 1 ? right.Abs().Sum() : right.Abs().Sum(right.Rank - 2);
        var dtype = TypeFor(Largest(left), Largest(sums));
        return ToInt32(left.To(dtype).MatMul(right.To(dtype)));
    }

    /// <summary>A vector of zero points or scales for the rows of the left matrix stands as a column.</summary>
    private static Tensor OverRows(Tensor parameter, int rank) => parameter.Count == 1 ? parameter.Reshape([]) : parameter.Rank == 1 && rank > 1 ? parameter.Unsqueeze(1) : parameter;

    /// <summary>The convolution of x [N,C,…] and w [M,C/group,…], both without their zero points, in int32. Pads are zero points of x.</summary>
    private static Tensor Conv(GroupedConvolution op, Tensor x, Tensor? xZero, Tensor w, Tensor? wZero)
    {
        var (shape, groups) = (OutputOf(op, x, w), (int)op.Group);
        var kernel = Shifted(w, wZero is null ? null : Scales.Along(wZero, 0, w.Rank)).Reshape(w.Shape[0], -1);
        var dtype = TypeFor(Reach(x.DType, xZero), Largest(kernel.Abs().Sum(1)));
        var columns = Under(Convolutions.Geometry(op.Window, x.Shape, w.Shape, shape), Shifted(x, xZero).To(dtype), groups);
        var y = kernel.To(dtype).Reshape(1, groups, w.Shape[0] / groups, kernel.Shape[1]).MatMul(columns);
        return ToInt32(y).Reshape(shape.Extents);
    }

    private static TensorShape OutputOf(GroupedConvolution op, Tensor x, Tensor w)
    {
        var facts = new Inference(op.Name, [Fact.Tensor(x.DType, x.Shape.Onnx), Fact.Tensor(w.DType, w.Shape.Onnx)], 1, null!);
        return TensorShape.Of(Convolution.Slide(facts, op.Window, op.Group, 0, 1)!);
    }

    /// <summary>The cells under the window, [N,groups,C/group·taps,positions].</summary>
    private static unsafe Tensor Under(WindowGeometry window, Tensor x, int groups)
    {
        var (batch, channels) = (x.Shape[0], x.Shape[1]);
        var shape = TensorShape.Of([batch, groups, channels / groups * window.Taps, window.Positions]);
        if (window.IsWhole)
            return x.View(shape);
        var columns = Tensor.Empty(x.Compute, x.DType, shape);
        if (x.DType == DType.Float32)
            Columns.Gather(window, (float*)x.Address, (float*)columns.Address, batch * channels);
        else
            Columns.Gather(window, (double*)x.Address, (double*)columns.Address, batch * channels);
        return columns;
    }

    private static Tensor? Optional(ReadOnlySpan<Tensor?> inputs, int index) => index < inputs.Length ? inputs[index] : null;

    private static Tensor Shifted(Tensor x, Tensor? zeroPoint)
    {
        if (x.DType is not (DType.Int8 or DType.UInt8))
            throw new ShapeMismatchException($"Products of integers take int8 and uint8; {x.Title} was given.");
        return zeroPoint is null ? x.To(DType.Float32) : x.To(DType.Float32) - zeroPoint.To(DType.Float32);
    }

    /// <summary>The largest magnitude that elements of a type can have without their zero point.</summary>
    private static double Reach(DType dtype, Tensor? zeroPoint)
    {
        double least = dtype == DType.Int8 ? sbyte.MinValue : byte.MinValue;
        var zero = zeroPoint?.To(DType.Double).Item() ?? 0;
        return Math.Max(least + byte.MaxValue - zero, zero - least);
    }

    private static double Largest(Tensor x) => x.Count == 0 ? 0 : x.Abs().Largest().Item();

    private static DType TypeFor(double largest, double sum) => largest * sum <= ExactInFloat32 ? DType.Float32 : DType.Double;

    /// <summary>Sums beyond int32 keep their low bits, as sums of int32 would.</summary>
    private static Tensor ToInt32(Tensor y) => y.DType == DType.Float32 ? y.To(DType.Int32) : y.To(DType.Int64).To(DType.Int32);
}
