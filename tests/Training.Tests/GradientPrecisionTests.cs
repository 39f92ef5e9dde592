using Anneal.Onnx;

namespace Anneal.Training.Tests;

/// <summary>The gradients of every row of the matrix in float32 against those in double, which <see cref="OpTests"/> checks by differences.</summary>
public sealed class GradientPrecisionTests
{
    public static TheoryData<string> Rows => [.. OpCases.All().Where(row => row.NoGradient is null).Select(row => row.Name)];

    [Theory, MemberData(nameof(Rows))]
    public void Gradients_in_float32_are_those_in_double_rounded(string name)
    {
        var row = OpCases.All().Single(row => row.Name == name);
        var (single, twice) = (Gradients(row, twice: false), Gradients(row, twice: true));
        for (var i = 0; i < single.Length; i++)
            if (twice[i] is { } expected)
                Assert.InRange(Distance(expected.ToArray<double>(), single[i]!.ToArray<float>()), 0, Math.Max(1e-5, 5 * row.Tolerance));
    }

    /// <summary>The largest difference, relative to the largest gradient or, where all are smaller, to the weights of the outputs, which are about 1.</summary>
    private static double Distance(double[] expected, float[] found) =>
        expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / Math.Max(1, expected.Max(Math.Abs));

    /// <summary>The gradient of a weighted sum of all outputs by each input.</summary>
    private static Tensor?[] Gradients(OpCase row, bool twice)
    {
        using var scope = TensorScope.Begin();
        var inputs = row.Make(twice);
        for (var i = 0; i < inputs.Length; i++)
            if (row.Inputs[i].IsDifferentiated)
                inputs[i]!.RequiresGrad = true;
        Tensor? loss = null;
        foreach (var output in Tensor.ApplyAll(row.Op, row.Outputs, inputs).Where(output => output.DType.IsFloat()))
        {
            var part = (output * Weights(output)).Sum();
            loss = loss is null ? part : loss + part;
        }
        if (loss is { RequiresGrad: true })
            loss.Backward();
        return [.. inputs.Select(input => input?.Grad)];
    }

    private static Tensor Weights(Tensor like)
    {
        var random = new Random(5);
        var weights = Enumerable.Range(0, like.Count).Select(_ => (random.NextSingle() * 2) - 1).ToArray();
        return Tensor.From(weights, like.Shape).To(like.DType);
    }
}
