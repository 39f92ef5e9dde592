using Anneal.Onnx;
using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>Random operators where chance has no choice, so that ONNX Runtime must agree; what they draw is <see cref="RandomOpTests"/>' matter.</summary>
public static partial class OpCases
{
    private static IEnumerable<OpCase> Randoms()
    {
        yield return new("Dropout out of training", new Dropout(), Real([3, 5]), Given([0.3f]), Given([false])) { Outputs = 2 };
        yield return new("Dropout by default", new Dropout(), Real([3, 5]));
        yield return new("Dropout of nothing", new Dropout { Seed = 1 }, Real([3, 5]), Given([0f]), Given([true])) { Outputs = 2 };
        yield return new("RandomUniform between equal bounds", new RandomUniform { Low = 2.5f, High = 2.5f, Extents = [2, 3] }) { NoGradient = "drawn" };
        yield return new("RandomUniformLike between equal bounds", new RandomUniformLike { Low = -1, High = -1, Seed = 3 }, Fixed([2, 3])) { NoGradient = "drawn" };
        yield return new("RandomNormal with next to no deviation", new RandomNormal { Mean = 2.5f, Scale = 1e-30f, Extents = [2, 3], ElementType = DType.Double }) { NoGradient = "drawn" };
        yield return new("RandomNormalLike with next to no deviation", new RandomNormalLike { Mean = -1, Scale = 1e-30f }, Fixed([4])) { NoGradient = "drawn" };
        // ONNX's text draws 1 with probability p, its function and ONNX Runtime with 1 - p: they agree on no element, and so on shape and type alone.
        yield return new("Bernoulli of nothing", new Bernoulli { ElementType = DType.Int64 }, Given(Array.Empty<float>(), 0, 2)) { NoGradient = "drawn" };
        yield return new("Multinomial with one likely class", new Multinomial { SampleSize = 3, ElementType = DType.Int64 }, Given([-1000f, 0, -1000, 5, -1000, -1000], 2, 3)) { NoGradient = "drawn" };
    }
}
