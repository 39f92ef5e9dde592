using Anneal.Onnx;

namespace Anneal.Training.Tests;

/// <summary>
/// Compares the gradient of a row with a central difference in double. The loss is a weighted sum of all outputs with random weights, and all inputs
/// move at once along one random direction: then a single number checks every element of every gradient.
/// </summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;

    /// <summary>The relative difference between the slope by gradients and the slope by differences.</summary>
    public static double Error(OpCase row)
    {
        var inputs = row.Make(twice: true);
        var random = new Random(11);
        var directions = inputs.Select((input, i) => row.Inputs[i].IsDifferentiated ? Draw(random, input!) : null).ToArray();
        for (var i = 0; i < inputs.Length; i++)
            if (directions[i] is not null)
                inputs[i]!.RequiresGrad = true;
        var loss = Loss(row, inputs);
        if (loss.RequiresGrad)
            loss.Backward();
        var analytic = inputs.Select((input, i) => directions[i] is null || input!.Grad is null ? 0 : Dot(input.Grad, directions[i]!)).Sum();
        using var off = Grad.Off();
        var numeric = (Loss(row, Move(inputs, directions, Step)).Item() - Loss(row, Move(inputs, directions, -Step)).Item()) / (2 * Step);
        return Math.Abs(analytic - numeric) / Math.Max(1, Math.Abs(numeric));
    }

    private static Tensor Loss(OpCase row, Tensor?[] inputs)
    {
        var random = new Random(5);
        Tensor? loss = null;
        foreach (var output in Tensor.ApplyAll(row.Op, row.Outputs, inputs).Where(output => output.DType.IsFloat()))
        {
            var part = (output * Draw(random, output)).Sum();
            loss = loss is null ? part : loss + part;
        }
        return loss!;
    }

    private static Tensor?[] Move(Tensor?[] inputs, Tensor?[] directions, double step) =>
        [.. inputs.Select((input, i) => directions[i] is { } direction ? input!.Detach() + (direction * step) : input)];

    private static Tensor Draw(Random random, Tensor like)
    {
        var elements = new double[like.Count];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (random.NextDouble() * 2) - 1;
        return Tensor.From(elements, like.Shape);
    }

    private static double Dot(Tensor a, Tensor b)
    {
        var (x, y, sum) = (a.ToArray<double>(), b.ToArray<double>(), 0.0);
        for (var i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }
}
