using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>Values and gradients at sizes that many threads share: the number of threads changes no bit.</summary>
public sealed class SameBitsTests
{
    private static readonly OpCase[] Cases =
    [
        new("Gather", new Gather(), Real([50, 3000]), Given([.. Numbers(400, 50)], 400)),
        new("GatherElements", new GatherElements { Axis = 1 }, Real([40, 700]), Given([.. Numbers(40_000, 700)], 40, 1000)),
        new("ScatterElements", new ScatterElements { Reduction = "add" }, Real([9, 5000]), Given([.. Numbers(45_000, 9)], 9, 5000), Real([9, 5000])),
        new("ScatterND", new ScatterND { Reduction = "mul" }, Real([20, 4000], 0.5, 1.5), Given([.. Numbers(60, 20)], 60, 1), Real([60, 4000], 0.5, 1.5)),
        new("Resize", new Resize { Mode = "cubic", Antialias = true }, Real([2, 6, 61, 83]), None, None, Ints(2, 6, 40, 120)),
        new("Pad", new Pad { Mode = "reflect" }, Real([4, 8, 40, 50]), Ints(0, 0, 3, 5, 0, 0, 2, 7)),
        new("CumSum", new CumSum { Reverse = true }, Real([30, 20, 90]), Given([1L])),
        new("CumProd", new CumProd(), Real([30, 20, 90], 0.5, 1.5), Given([1L])),
        new("GridSample", new GridSample { PaddingMode = "reflection" }, Real([2, 8, 30, 40]), Real([2, 50, 60, 2])),
        new("RoiAlign", new RoiAlign { OutputHeight = 7, OutputWidth = 7 }, Real([2, 64, 20, 30]), Given([1f, 2, 19, 17, 3, 4, 28, 12, 0, 0, 9, 9], 3, 4), Ints(0, 1, 1)),
        new("Col2Im", new Col2Im(), Real([4, 72, 900]), Ints(32, 32), Ints(3, 3)),
        new("Einsum", new Einsum { Equation = "bij,bjk->bik" }, Real([3, 70, 50]), Real([3, 50, 40])),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(row => row.Name)];

    [Theory, MemberData(nameof(Names))]
    public void One_two_and_four_threads_give_the_same(string name)
    {
        var row = Cases.Single(row => row.Name == name);
        var before = Workers.ThreadCount;
        try
        {
            var results = new[] { 1, 2, 4, 4 }.Select(threads =>
            {
                Workers.ThreadCount = threads;
                return ValuesAndGradients(row);
            }).ToArray();
            Assert.All(results[1..], result => Assert.Equal(results[0], result));
        }
        finally
        {
            Workers.ThreadCount = before;
        }
    }

    private static long[] Numbers(int count, int extent) => [.. Enumerable.Range(0, count).Select(i => (long)i * 7919 % 104_729 % extent)];

    private static byte[] ValuesAndGradients(OpCase row)
    {
        using var scope = TensorScope.Begin();
        var inputs = row.Make(twice: false);
        for (var i = 0; i < inputs.Length; i++)
            if (row.Inputs[i].IsDifferentiated)
                inputs[i]!.RequiresGrad = true;
        var y = Tensor.Apply(row.Op, inputs).Keep();
        (y * y.Detach()).Sum().Backward();
        return [.. y.WritableBytes(), .. inputs.Where(input => input?.Grad is not null).SelectMany(input => input!.Grad!.WritableBytes().ToArray())];
    }
}
