using Anneal.Onnx;

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
    /// <returns>
    /// The norm before: worth a look, for it says how a training goes. It is summed in double on the processor; on a GPU the magnitudes of some thousand
    /// elements at a time are summed in float32.
    /// </returns>
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
