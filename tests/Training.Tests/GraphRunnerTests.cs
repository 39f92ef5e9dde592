using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;
using Anneal.Training.Graphs;

namespace Anneal.Training.Tests;

/// <summary>A graph run where nothing is recorded keeps no value longer than it is read, and lets go of none too soon.</summary>
[Collection(nameof(Alone))]
public sealed class GraphRunnerTests
{
    [Fact]
    public void A_chain_takes_the_memory_of_two_values_and_not_of_all()
    {
        const int count = 1 << 18, bytes = count * sizeof(float);
        var builder = new GraphBuilder("chain");
        var x = builder.Input("x", DType.Float32, new(count));
        var y = x;
        for (var i = 0; i < 10; i++)
            y = builder.Elementwise("Sigmoid", y);
        builder.Output("y", y);
        var runner = new GraphRunner(builder.Build().Graph);
        Assert.InRange(Peak(runner, count), bytes * 2, bytes * 7 / 2);
    }

    [Fact]
    public void What_an_operator_makes_on_its_way_goes_with_it()
    {
        const int count = 1 << 18, bytes = count * sizeof(float);
        var builder = new GraphBuilder("chain");
        var y = builder.Input("x", DType.Float32, new(1, 1, 512, 512));
        var (w, b) = (builder.Constant(TensorData.Create("w", [1f], 1, 1, 1, 1)), builder.Constant(TensorData.Create("b", [1f], 1)));
        for (var i = 0; i < 10; i++)
            y = builder.Apply(new Conv(), y, w, b);
        builder.Output("y", y);
        var runner = new GraphRunner(builder.Build().Graph);
        // A value, the next one before its bias and after it, and room for columns.
        Assert.InRange(Peak(runner, 1, 1, 512, 512), bytes * 2, bytes * 6);
    }

    [Fact]
    public void A_loop_takes_the_memory_of_two_rounds_and_not_of_all()
    {
        const int count = 1 << 18, bytes = count * sizeof(float);
        var builder = new GraphBuilder("loop");
        var x = builder.Input("x", DType.Float32, new(count));
        builder.Output("y", builder.Loop(builder.Scalar(20L), null, [x, x], (inner, round) =>
            new(round.GoesOn, [inner.Elementwise("Sigmoid", round.Carried[0]), round.Carried[1]], []))[0]);
        Assert.InRange(Peak(new GraphRunner(builder.Build().Graph), count), bytes * 2, bytes * 7 / 2);
    }

    [Fact]
    public void What_a_loop_stacks_stays_although_the_next_round_replaces_it()
    {
        var builder = new GraphBuilder("stacks");
        var x = builder.Input("x", DType.Float32, new(2));
        var found = builder.Loop(builder.Scalar(3L), null, [x], (inner, round) =>
        {
            var next = inner.Elementwise("Add", round.Carried[0], x);
            return new(round.GoesOn, [next], [next, round.Carried[0]]);
        });
        builder.Output("last", found[0]);
        builder.Output("after", found[1]);
        builder.Output("before", found[2]);
        using var evaluation = Grad.Off();
        var outputs = new GraphRunner(builder.Build().Graph).Run(Tensor.From(1f, 2f));
        Assert.Equal([[4, 8], [2, 4, 3, 6, 4, 8], [1, 2, 2, 4, 3, 6]], outputs.Select(tensor => tensor.ToArray<float>()));
    }

    [Fact]
    public void Values_that_share_elements_or_are_one_object_go_one_by_one()
    {
        var builder = new GraphBuilder("shared");
        var x = builder.Input("x", DType.Float32, new(1, 3));
        var a = builder.Elementwise("Neg", x);
        var same = builder.Apply(new CastLike(), a, x);
        var flat = builder.Apply(new Flatten(), same);
        var fromFlat = builder.Elementwise("Neg", flat);
        builder.Output("y", builder.Elementwise("Add", a, fromFlat));
        builder.Output("again", a);
        builder.Output("given", x);
        using var evaluation = Grad.Off();
        var found = new GraphRunner(builder.Build().Graph).Run(Tensor.From([1f, 2, 3], [1, 3]));
        Assert.Equal([[0, 0, 0], [-1, -2, -3], [1, 2, 3]], found.Select(tensor => tensor.ToArray<float>()));
    }

    [Fact]
    public void Branches_and_loops_read_what_lies_around_them()
    {
        var builder = new GraphBuilder("around");
        var x = builder.Input("x", DType.Float32, new(2));
        var twice = builder.Elementwise("Add", x, x);
        var isLarge = builder.Elementwise("Greater", builder.Apply(new Reduction("ReduceSum") { Keepdims = false }, twice), builder.Scalar(10f));
        var chosen = builder.If(isLarge, _ => [twice], inner => [inner.Elementwise("Neg", twice)])[0];
        var powers = builder.Loop(builder.Scalar(3L), null, [chosen], (inner, round) =>
            new(round.GoesOn, [inner.Elementwise("Add", round.Carried[0], twice)], []))[0];
        builder.Output("y", powers);
        var runner = new GraphRunner(builder.Build().Graph);
        using var evaluation = Grad.Off();
        Assert.Equal([4f, 8], runner.Run(Tensor.From(1f, 2f))[0].ToArray<float>());
        Assert.Equal([80f, 160], runner.Run(Tensor.From(10f, 20f))[0].ToArray<float>());
    }

    [Fact]
    public void Where_gradients_are_recorded_everything_stays_for_the_way_back()
    {
        var builder = new GraphBuilder("recorded");
        var x = builder.Input("x", DType.Float32, new(2));
        builder.Output("y", builder.Elementwise("Mul", builder.Elementwise("Exp", x), builder.Elementwise("Exp", x)));
        var leaf = Tensor.From(0f, 1f);
        leaf.RequiresGrad = true;
        new GraphRunner(builder.Build().Graph).Run(leaf)[0].Sum().Backward();
        Assert.Equal(2 * Math.Exp(2), leaf.Grad!.ToArray<float>()[1], 1e-4);
    }

    private static long Peak(GraphRunner runner, params int[] extents)
    {
        var pool = ComputeDevice.Cpu.Pool;
        using var evaluation = Grad.Off();
        var x = Tensor.Ones(TensorShape.Of(extents));
        pool.ResetPeak();
        var before = pool.BytesInUse - (x.Count * sizeof(float));
        runner.Run(x);
        return pool.PeakBytes - before;
    }
}
