using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Randomness;

namespace Anneal.Training.Ops;

/// <summary>
/// Tensors of random numbers, which the processor draws whatever the device. A node with a seed draws the same each time it runs; one without draws from <see cref="Generator.Default"/>. No
/// gradient flows through a draw.
/// </summary>
internal static class Randoms
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<RandomUniform>("RandomUniform", (op, _) =>
            RandomTensor.Uniform(Seeds.Of(op.Seed), ShapeOf(op.Extents), op.Low, op.High, op.ElementType)),
        new Composite<RandomUniformLike>("RandomUniformLike", (op, x) =>
            RandomTensor.Uniform(Seeds.Of(op.Seed), x[0]!.Shape, op.Low, op.High, op.ElementType ?? x[0]!.DType).To(x[0]!.Device)),
        new Composite<RandomNormal>("RandomNormal", (op, _) =>
            RandomTensor.Normal(Seeds.Of(op.Seed), ShapeOf(op.Extents), op.Mean, op.Scale, op.ElementType)),
        new Composite<RandomNormalLike>("RandomNormalLike", (op, x) =>
            RandomTensor.Normal(Seeds.Of(op.Seed), x[0]!.Shape, op.Mean, op.Scale, op.ElementType ?? x[0]!.DType).To(x[0]!.Device)),
        new Composite<Bernoulli>("Bernoulli", Bernoulli),
        new Composite<Multinomial>("Multinomial", Multinomial),
    ];

    private static TensorShape ShapeOf(AttributeList<long> extents) => TensorShape.Of([.. extents.Select(extent => checked((int)extent))]);

    private static Tensor Bernoulli(Bernoulli op, ReadOnlySpan<Tensor?> x)
    {
        var p = x[0]!.Detach().To(DType.Double);
        foreach (var probability in p.ToArray<double>())
            if (!(probability >= 0 && probability <= 1))
                throw new AnnealException($"Bernoulli: {x[0]!.Title} holds {probability}, which is no probability; each should be from 0 to 1.");
        return (RandomTensor.Uniform(Seeds.Of(op.Seed), p.Shape, 0, 1, DType.Double).To(p.Device) < p).To(op.ElementType ?? x[0]!.DType);
    }

    /// <summary>Classes whose share is e to the power of their number in x [N,classes], drawn by a row's running sum: y [N,samples].</summary>
    private static Tensor Multinomial(Multinomial op, ReadOnlySpan<Tensor?> inputs)
    {
        var (draws, samples, x) = (Seeds.Of(op.Seed), checked((int)op.SampleSize), inputs[0]!.Detach().To(DType.Double));
        if (x.Rank != 2 || x.Shape[1] == 0)
            throw new ShapeMismatchException($"Multinomial takes [N,classes] with at least one class; {inputs[0]!.Title} was given.");
        if (op.ElementType is not (DType.Int32 or DType.Int64))
            throw new AnnealException($"Multinomial gives int32 or int64; its attribute dtype asks for {op.ElementType}.");
        var (rows, classes, logarithms) = (x.Shape[0], x.Shape[1], x.ToArray<double>());
        var drawn = new long[rows * samples];
        for (var row = 0; row < rows; row++)
        {
            var sums = RunningSums(logarithms.AsSpan(row * classes, classes));
            for (var i = row * samples; i < (row + 1) * samples; i++)
                drawn[i] = FirstAbove(sums, draws.Uniform(i) * sums[^1]);
        }
        return Tensor.From(drawn, [rows, samples], x.Device).To(op.ElementType);
    }

    private static double[] RunningSums(ReadOnlySpan<double> logarithms)
    {
        var (greatest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var logarithm in logarithms)
            greatest = Math.Max(greatest, logarithm);
        if (!double.IsFinite(greatest))
            throw new AnnealException($"Multinomial: the greatest logarithm of a row is {greatest}; at least one class of each row should have a finite one, and none +∞ or NaN.");
        var sums = new double[logarithms.Length];
        for (var i = 0; i < sums.Length; i++)
            sums[i] = sum += Math.Exp(logarithms[i] - greatest);
        return sums;
    }

    private static int FirstAbove(double[] sums, double limit) => Array.FindIndex(sums, sum => sum > limit);
}
