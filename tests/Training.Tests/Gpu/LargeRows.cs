using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests.Gpu;

/// <summary>Rows of sizes that networks have, at which a device's loops have many groups of threads and a rest.</summary>
internal static class LargeRows
{
    public static IEnumerable<OpCase> All() =>
    [
        new("Resize linear of pictures", new Resize { Mode = "linear" }, Real([2, 9, 37, 41]), None, None, Ints(2, 9, 60, 23)) { Tolerance = 1e-5 },
        new("TopK of a thousand", new TopK(), Real([16, 1000]), Ints(5)) { Outputs = 2 },
        new("CumSum of long lanes", new CumSum { Exclusive = true }, Real([6, 700, 35]), Given([1L])) { Tolerance = 1e-5 },
        new("CumProd of long lanes", new CumProd { Reverse = true }, Real([6, 130, 35], 0.9, 1.1), Given([1L])) { Tolerance = 1e-5 },
        new("ScatterElements of many", new ScatterElements { Reduction = "add" }, Real([200, 150]), Numbers(200, 300, 150), Real([300, 150])) { Tolerance = 1e-5 },
        new("ScatterND that multiplies", new ScatterND { Reduction = "mul" }, Real([50, 140], 0.8, 1.2), Numbers(50, 120, 1), Real([120, 140], 0.9, 1.1)) { Tolerance = 1e-5 },
        new("Pad of pictures", new Pad(), Real([4, 8, 31, 33]), Ints(0, 0, 3, 2, 0, 0, 1, 4), Real([])),
        new("Col2Im of pictures", new Col2Im { Pads = [1, 1, 1, 1] }, Real([2, 81, 900]), Ints(30, 30), Ints(3, 3)) { Tolerance = 1e-5 },
        new("Det of many", new Det(), Real([70, 6, 6])) { Tolerance = 1e-5 },
        new("GridSample of pictures", new GridSample(), Real([2, 5, 30, 31]), Real([2, 25, 26, 2], -1.1, 1.1)) { Tolerance = 2e-5 },
        new("Gather of an embedding", new Gather(), Real([900, 64]), Numbers(900, 32, 50)),
        new("Softmax of a thousand", new Softmax(), Real([64, 1000], -9, 9)) { Tolerance = 1e-5 },
        new("LogSoftmax of planes", new LogSoftmax { Axis = 1 }, Real([3, 21, 40, 41], -9, 9)) { Tolerance = 1e-5 },
        new("LayerNormalization of tokens", new LayerNormalization(), Real([60, 512]), Real([512]), Real([512])) { Tolerance = 2e-5 },
        new("GroupNormalization of planes", new GroupNormalization { NumGroups = 4 }, Real([3, 16, 20, 21]), Real([16]), Real([16])) { Tolerance = 2e-5 },
        new("Attention of many tokens", new Attention { IsCausal = true }, Real([2, 3, 70, 16]), Real([2, 3, 70, 16]), Real([2, 3, 70, 16])) { Tolerance = 2e-5 },
    ];

    /// <summary>Indices below a bound, most of them several times.</summary>
    private static Input Numbers(int bound, params int[] shape) =>
        Given([.. Enumerable.Range(0, TensorShape.Of(shape).ElementCount).Select(i => (long)(i * 7919L % bound))], shape);
}
