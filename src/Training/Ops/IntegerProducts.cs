using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>
/// Products of 8-bit integers, exact: they run as products of floats. Without its zero point an element is at most 255 in magnitude, and so no partial
/// sum of so many terms is larger than that many times 255 · 255, whatever the order of summing. Floats are exact up to 2²⁴ (float32), and up to 2⁵³
/// (double), which 2³¹ terms do not reach. Values only.
/// </summary>
internal static class IntegerProducts
{
    private const int MostTermsInFloat32 = (1 << 24) / (byte.MaxValue * byte.MaxValue);

    private const string Integers = "its inputs are integers, which have no gradient";

    public static IEnumerable<Kernel> Kernels =>
    [
        new ValuesOnly<MatMulInteger>("MatMulInteger", Integers, (_, x, _) => [MatMul(x[0]!, Optional(x, 2), x[1]!, Optional(x, 3))]),
        new ValuesOnly<ConvInteger>("ConvInteger", Integers, (op, x, _) => [Conv(op, x[0]!, Optional(x, 2), x[1]!, Optional(x, 3))]),
        new ValuesOnly<QLinearMatMul>("QLinearMatMul", Integers, (_, x, _) => [QLinearMatMul(x)]),
        new ValuesOnly<QLinearConv>("QLinearConv", Integers, (op, x, _) => [QLinearConv(op, x)]),
        new WindowColumnsKernel(),
    ];

    private static Tensor QLinearMatMul(ReadOnlySpan<Tensor?> x)
    {
        var sums = MatMul(x[0]!, x[2], x[3]!, x[5]);
        var (a, b, y) = (OverRows(x[1]!, x[0]!.Rank).To(DType.Float32), Scales.Free(x[4]!).To(DType.Float32), Scales.Free(x[6]!).To(DType.Float32));
        return Quantisation.Saturate(sums.To(DType.Float32) * (a * b / y), Scales.Free(x[7]!), x[7]!.DType);
    }

    private static Tensor QLinearConv(QLinearConv op, ReadOnlySpan<Tensor?> x)
    {
        var sums = Conv(op, x[0]!, x[2], x[3]!, x[5]);
        if (Optional(x, 8) is { } bias)
            sums += Scales.Along(bias, 1, sums.Rank);
        var scale = x[1]!.To(DType.Float32) * x[4]!.To(DType.Float32) / x[6]!.To(DType.Float32);
        return Quantisation.Saturate(sums.To(DType.Float32) * Scales.Along(scale, 1, sums.Rank), Scales.Free(x[7]!), x[7]!.DType);
    }

    /// <summary>(a - its zero point) · (b - its zero point) in int32.</summary>
    private static Tensor MatMul(Tensor a, Tensor? aZero, Tensor b, Tensor? bZero)
    {
        var dtype = TypeFor(a.Shape[^1]);
        return ToInt32(Shifted(a, aZero is null ? null : OverRows(aZero, a.Rank), dtype).MatMul(Shifted(b, bZero, dtype)));
    }

    /// <summary>A vector of zero points or scales for the rows of the left matrix stands as a column.</summary>
    private static Tensor OverRows(Tensor parameter, int rank) =>
        parameter.Count > 1 && parameter.Rank == 1 && rank > 1 ? parameter.Unsqueeze(1) : Scales.Free(parameter);

    /// <summary>The convolution of x [N,C,…] and w [M,C/group,…], both without their zero points, in int32. Pads are zero points of x.</summary>
    private static Tensor Conv(GroupedConvolution op, Tensor x, Tensor? xZero, Tensor w, Tensor? wZero)
    {
        var (shape, groups, terms) = (OutputOf(op, x, w), (int)op.Group, w.Shape.Product(1, w.Rank));
        var kernel = Shifted(w, wZero is null ? null : Scales.Along(wZero, 0, w.Rank), TypeFor(terms));
        var window = new WindowColumns(op.Window, groups, TensorShape.Of(w.Shape.Extents[2..]), TensorShape.Of(shape.Extents[2..]));
        var columns = Under(window, Shifted(x, xZero?.Reshape([]), TypeFor(terms)));
        return ToInt32(kernel.Reshape(1, groups, w.Shape[0] / groups, terms).MatMul(columns)).Reshape(shape.Extents);
    }

    private static TensorShape OutputOf(GroupedConvolution op, Tensor x, Tensor w)
    {
        var facts = new Inference(op.Name, [Fact.Tensor(x.DType, x.Shape.Onnx), Fact.Tensor(w.DType, w.Shape.Onnx)], 1, null!);
        return TensorShape.Of(Convolution.Slide(facts, op.Window, op.Group, 0, 1)!);
    }

    /// <summary>A window of one tap that takes every cell once has x itself under it.</summary>
    private static Tensor Under(WindowColumns op, Tensor x) => op.Geometry(x.Shape).IsWhole
        ? x.Reshape(x.Shape[0], op.Groups, x.Shape[1] / op.Groups, op.Positions.ElementCount)
        : Tensor.Apply(op, x);

    private static Tensor? Optional(ReadOnlySpan<Tensor?> inputs, int index) => index < inputs.Length ? inputs[index] : null;

    private static Tensor Shifted(Tensor x, Tensor? zeroPoint, DType dtype)
    {
        if (x.DType is not (DType.Int8 or DType.UInt8))
            throw new ShapeMismatchException($"Products of integers take int8 and uint8; {x.Title} was given.");
        if (zeroPoint is not null && zeroPoint.DType != x.DType)
            throw new ShapeMismatchException($"The zero point of {x.Title} should be of its type; {zeroPoint.Title} was given.");
        return zeroPoint is null ? x.To(dtype) : x.To(dtype) - zeroPoint.To(dtype);
    }

    private static DType TypeFor(int terms) => terms <= MostTermsInFloat32 ? DType.Float32 : DType.Double;

    /// <summary>Sums beyond int32 keep their low bits, as sums of int32 would.</summary>
    private static Tensor ToInt32(Tensor y) => y.DType == DType.Float32 ? y.To(DType.Int32) : y.To(DType.Int64).To(DType.Int32);
}
