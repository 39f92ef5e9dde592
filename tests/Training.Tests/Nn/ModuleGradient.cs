using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>Compares the gradient of a whole network with a central difference in double, along one random direction of all its parameters.</summary>
internal static class ModuleGradient
{
    private const double Step = 1e-5;

    /// <summary>The relative difference between the slope by gradients and the slope by differences.</summary>
    /// <param name="module">The network; it is converted to double.</param>
    /// <param name="loss">A loss of it, the same each time.</param>
    public static double Error(ModuleBase module, Func<Tensor> loss)
    {
        module.To(DType.Double);
        module.ZeroGrad();
        loss().Backward();
        var parameters = module.Parameters().ToArray();
        var starts = Array.ConvertAll(parameters, parameter => Tensor.From(parameter.ToArray<double>(), parameter.Shape));
        var random = new Generator(9);
        var directions = Array.ConvertAll(parameters, parameter => random.Normal(parameter.Shape, dtype: DType.Double));
        using var off = Grad.Off();
        var analytic = parameters.Zip(directions, (parameter, direction) => parameter.Grad is null ? 0 : (parameter.Grad * direction).Sum().Item()).Sum();
        var numeric = (At(Step) - At(-Step)) / (2 * Step);
        _ = At(0);
        return Math.Abs(analytic - numeric) / Math.Max(1e-3, Math.Abs(numeric));

        double At(double step)
        {
            for (var i = 0; i < parameters.Length; i++)
                parameters[i].Assign(starts[i] + (directions[i] * step));
            return loss().Item();
        }
    }
}
