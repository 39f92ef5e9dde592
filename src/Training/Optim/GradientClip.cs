using Anneal.Onnx;
using Anneal.Training.Cpu;

namespace Anneal.Training.Optim;

/// <summary>Bounds gradients between <see cref="Tensor.Backward(Tensor?)"/> and <see cref="Optimizer.Step"/>, so that one bad batch cannot ruin a training.</summary>
public static class GradientClip
{
    // Added to the norm so that nothing is divided by 0; PyTorch's number.
    private const double Least = 1e-6;

    /// <summary>
    /// Scales all gradients by one factor so that the norm of all of them together is at most a bound (Pascanu, Mikolov and Bengio 2013, algorithm 1).
    /// Gradients below the bound stay as they are, to the bit.
    /// </summary>
    /// <param name="parameters">The parameters; those without a gradient count for nothing.</param>
    /// <param name="greatest">The bound, above 0.</param>
    /// <param name="order">Which norm: 2, any other order of at least 1, or infinity for the largest magnitude.</param>
    /// <returns>The norm before: worth a look, for it says how a training goes.</returns>
    /// <exception cref="AnnealException">The norm is no finite number: a gradient has overflowed, or is a NaN.</exception>
    public static double ClipGradNorm(this IEnumerable<Parameter> parameters, double greatest, double order = 2)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(greatest);
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        var trained = parameters.Where(parameter => parameter.Grad is not null).ToArray();
        var norm = GradientNorm.Of(trained, order);
        if (!double.IsFinite(norm))
            throw new AnnealException($"The gradients cannot be clipped: their norm is {norm}. {Culprit(trained)} has an element that is no finite number, or too many large ones.");
        var factor = greatest / (norm + Least);
        if (factor < 1)
            Replace(trained, dw => dw * factor);
        return norm;
    }

    /// <summary>Brings each element of each gradient between minus a bound and the bound.</summary>
    /// <param name="parameters">The parameters; those without a gradient count for nothing.</param>
    /// <param name="greatest">The bound, above 0.</param>
    public static void ClipGradValue(this IEnumerable<Parameter> parameters, double greatest)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(greatest);
        Replace(parameters.Where(parameter => parameter.Grad is not null), dw => dw.Max(-greatest).Min(greatest));
    }

    /// <summary>Gradients are replaced and not changed: two parameters may share the elements of one.</summary>
    private static void Replace(IEnumerable<Parameter> parameters, Func<Tensor, Tensor> formula)
    {
        using var silence = Grad.Silently();
        foreach (var parameter in parameters)
        {
            using var scope = TensorScope.Begin();
            var dw = formula(parameter.Grad!);
            dw.MoveTo(null);
            parameter.ZeroGrad();
            parameter.Grad = dw;
        }
    }

    private static string Culprit(Parameter[] parameters) =>
        (Array.Find(parameters, parameter => !double.IsFinite(GradientNorm.Of([parameter], double.PositiveInfinity))) ?? parameters[0]).Title;
}

/// <summary>The norm of gradients: in double, over chunks of a fixed size whose sums are joined in order.</summary>
internal static class GradientNorm
{
    public static double Of(IReadOnlyList<Parameter> parameters, double order)
    {
        var total = 0.0;
        foreach (var parameter in parameters)
            total = Join(total, Of(parameter.Grad!, order), order);
        return double.IsInfinity(order) ? total : order == 2 ? Math.Sqrt(total) : Math.Pow(total, 1 / order);
    }

    private static double Of(Tensor dw, double order)
    {
        var partial = new double[ElementLoops.Chunks(dw.Count)];
        var work = new Work(dw, order, partial);
        Workers.Run(partial.Length, ref work);
        var total = 0.0;
        foreach (var part in partial)
            total = Join(total, part, order);
        return total;
    }

    /// <summary>A NaN on either side wins.</summary>
    private static double Join(double a, double b, double order) => double.IsInfinity(order) ? Math.Max(a, b) : a + b;

    private readonly struct Work(Tensor dw, double order, double[] partial) : IWork
    {
        public void Run(int part)
        {
            var start = part * ElementLoops.Chunk;
            var length = Math.Min(ElementLoops.Chunk, dw.Count - start);
            partial[part] = dw.DType == DType.Float32 ? Of(dw.AsSpan<float>().Slice(start, length)) : Of(dw.AsSpan<double>().Slice(start, length));
        }

        private double Of(ReadOnlySpan<float> elements)
        {
            var total = 0.0;
            foreach (var element in elements)
                total = Join(total, Weight(element), order);
            return total;
        }

        private double Of(ReadOnlySpan<double> elements)
        {
            var total = 0.0;
            foreach (var element in elements)
                total = Join(total, Weight(element), order);
            return total;
        }

        private double Weight(double element) =>
            order == 2 ? element * element : double.IsInfinity(order) || order == 1 ? Math.Abs(element) : Math.Pow(Math.Abs(element), order);
    }
}
