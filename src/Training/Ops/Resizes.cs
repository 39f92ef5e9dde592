using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>
/// Resampling, one axis after another: a nearest element is a gather, and any other filter a product with a matrix of few taps in each row. The axes
/// that shrink most come first, so that the others have less to do.
/// </summary>
internal static class Resizes
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<Resize>("Resize", Resize) { IsChecked = true, Steering = [1, 2, 3] },
        new Composite<Upsample>("Upsample", (op, x) =>
            Resize(new() { Mode = op.Mode, CoordinateTransformationMode = "asymmetric", NearestMode = "floor" }, [x[0], null, x[1]])) { IsChecked = true, Steering = [1] },
        new MixKernel(),
    ];

    /// <summary>Weighted sums of the elements along an axis, by the rows of a matrix.</summary>
    public static Tensor Mix(Tensor x, int axis, TapMatrix matrix) => Tensor.Apply(new Mix(axis, matrix), x);

    private static Tensor Resize(Resize op, ReadOnlySpan<Tensor?> inputs)
    {
        var y = inputs[0]!;
        var samplings = AxisSampling.Of(op, inputs);
        foreach (var sampling in samplings.OrderBy(sampling => (double)sampling.To / Math.Max(1, sampling.From)))
            y = op.Mode == "nearest"
                ? y.Gather(sampling.Axis, sampling.Nearest(op.NearestMode))
                : Mix(y, sampling.Axis, sampling.Taps(new(op.Mode, op.CubicCoeffA, op.Antialias, op.ExcludeOutside)));
        return Outside(samplings, y) is { } outside ? Tensor.Where(outside, Tensor.Full(TensorShape.Scalar, op.ExtrapolationValue, y.DType, y.Device), y) : y;
    }

    /// <summary>Where a place of the result lies outside the input along some axis; null when none does.</summary>
    private static Tensor? Outside(List<AxisSampling> samplings, Tensor y)
    {
        Tensor? outside = null;
        foreach (var sampling in samplings.Where(sampling => sampling.IsCropped))
        {
            bool[] along = [.. Enumerable.Range(0, sampling.To).Select(i => sampling.Place(i) is var at && (at < 0 || at > sampling.From - 1))];
            var mask = Tensor.From(along, TensorShape.Of([.. Enumerable.Range(0, y.Rank).Select(axis => axis == sampling.Axis ? along.Length : 1)]), y.Device);
            outside = outside is null ? mask : outside | mask;
        }
        return outside;
    }
}

/// <summary>x with a product along an axis: [outer, columns, inner] to [outer, rows, inner].</summary>
internal sealed record Mix(int Axis, TapMatrix Matrix) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), facts.Shape(0)!.With(Axis, Matrix.Rows));
}

internal sealed class MixKernel() : Kernel<Mix>("Mix", TrainingDomain.Name)
{
    // Matrices are equal to themselves only: remembering their sizes would remember them.
    public override bool IsSizedByShapes => false;

    protected override void Compute(Mix op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType == DType.Float32)
            TapProduct.Run<float>(op.Matrix, x[0]!, op.Axis, y[0]);
        else if (x[0]!.DType == DType.Double)
            TapProduct.Run<double>(op.Matrix, x[0]!, op.Axis, y[0]);
        else
            throw NotInterpolated(x[0]!);
    }

    protected override void Compute(GpuDevice gpu, Mix op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType == DType.Float32)
            GpuTaps.Run<float>(gpu, op.Matrix, x[0]!, op.Axis, y[0]);
        else if (x[0]!.DType == DType.Double)
            GpuTaps.Run<double>(gpu, op.Matrix, x[0]!, op.Axis, y[0]);
        else
            throw NotInterpolated(x[0]!);
    }

    protected override void Backward(Mix op, GradientCall call) => call.Give(0, Resizes.Mix(call.Dy(0), op.Axis, op.Matrix.Transposed));

    private static ShapeMismatchException NotInterpolated(Tensor x) =>
        new($"Only float32 and double can be interpolated; {x.Title} was given. Use the mode nearest, or convert it with To first.");
}
