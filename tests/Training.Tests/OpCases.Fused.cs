using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

public static partial class OpCases
{
    /// <summary>Rows at which kernels in one piece and vector forms have both whole vectors and a rest.</summary>
    private static IEnumerable<OpCase> Fused()
    {
        Input[] channels = [Real([3], 0.5, 2), Real([3])];
        yield return new("BatchNormalization in training, long planes", new BatchNormalization { TrainingMode = true }, Real([2, 3, 33, 35]), channels[0], channels[1], Fixed([3]), Fixed([3], 0.5, 2)) { Opset = 15, Outputs = 3, Tolerance = 1e-5 };
        yield return new("BatchNormalization in training, vectors", new BatchNormalization { TrainingMode = true }, Real([9, 3]), channels[0], channels[1], Fixed([3]), Fixed([3], 0.5, 2)) { Opset = 15, Outputs = 3, Tolerance = 1e-5 };
        foreach (var name in new[] { "Relu", "Sigmoid", "Tanh" })
            yield return new($"{name} of a long row", new Elementwise(name), Real([5, 77])) { Tolerance = 2e-5 };
        foreach (var name in new[] { "Add", "Sub", "Mul", "Div" })
            yield return new($"{name} of planes and a number for each", new Elementwise(name), Real([2, 3, 5, 7], 0.5, 3), Real([1, 3, 1, 1], 0.5, 3));
        yield return new("ReduceSum of planes", new Reduction("ReduceSum"), Real([3, 4, 25, 27]), Ints(0, 2, 3)) { Tolerance = 1e-5 };
        yield return new("Gemm turned on the left", new Gemm { TransA = true }, Real([9, 7]), Real([9, 20]), Real([20])) { Tolerance = 1e-5 };
        yield return new("Gemm turned on the right", new Gemm { TransB = true }, Real([7, 9]), Real([20, 9])) { Tolerance = 1e-5 };
        yield return new("MatMul of a batch and one matrix", new MatMul(), Real([3, 5, 4]), Real([1, 4, 6])) { Tolerance = 1e-5 };
        yield return new("MatMul of one matrix and a batch", new MatMul(), Real([5, 4]), Real([3, 4, 6])) { Tolerance = 1e-5 };
        yield return new("MaxPool that looks at pads alone", new MaxPool { Window = new() { KernelShape = [2, 3], Strides = [1, 2], Pads = [1, 1, 1, 2] } }, Real([2, 3, 5, 8]));
    }
}
