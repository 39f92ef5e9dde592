using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>Kingma and Ba's Adam in its plainest form, so that the tests of networks stand on their own.</summary>
internal sealed class AdamSteps(ModuleBase module, double rate)
{
    private readonly (Parameter Parameter, double[] Mean, double[] Square)[] _states =
        [.. module.Parameters().Select(parameter => (parameter, new double[parameter.Count], new double[parameter.Count]))];

    private int _step;

    /// <summary>One step along the gradients of a loss. Returns the loss.</summary>
    public double Descend(Func<Tensor> compute)
    {
        using var scope = TensorScope.Begin();
        module.ZeroGrad();
        var loss = compute();
        loss.Backward();
        _step++;
        foreach (var (parameter, mean, square) in _states)
            if (parameter.Grad is { } gradient)
                parameter.Assign(Tensor.From(Moved(parameter.ToArray<float>(), gradient.ToArray<float>(), mean, square), parameter.Shape));
        return loss.Item();
    }

    private float[] Moved(float[] weights, float[] gradient, double[] mean, double[] square)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            mean[i] += 0.1 * (gradient[i] - mean[i]);
            square[i] += 0.001 * (((double)gradient[i] * gradient[i]) - square[i]);
            weights[i] -= (float)(rate * mean[i] / (1 - Math.Pow(0.9, _step)) / (Math.Sqrt(square[i] / (1 - Math.Pow(0.999, _step))) + 1e-8));
        }
        return weights;
    }
}
