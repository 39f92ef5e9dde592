using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Runtime.Tests;

/// <summary>Nodes on constants, computed by ONNX Runtime while a model is rewritten; and models compared.</summary>
public sealed class ConstantTests
{
    [Fact]
    public void Constants_that_need_arithmetic_are_folded_to_what_a_run_gives()
    {
        var model = Scaled(2);
        Assert.True(new FoldConstants(new OrtConstantEvaluator()).Run(model));

        Assert.Equal(["Mul"], model.Graph.Nodes.Select(node => node.OpType));
        Assert.Equal(MathF.Exp(2), model.Graph.Nodes[0].Inputs[1]!.Initializer!.As<float>()[0]);
        Assert.Equal(0, ModelComparison.Run(ModelSource.FromModel(Scaled(2)), ModelSource.FromModel(model), TestContext.Current.CancellationToken).Largest);
    }

    [Fact]
    public void Without_an_evaluator_arithmetic_is_left_alone() => Assert.False(new FoldConstants().Run(Scaled(2)));

    [Fact]
    public void Models_that_differ_are_told_apart_by_how_much()
    {
        var difference = ModelComparison.Run(ModelSource.FromModel(Scaled(0)), ModelSource.FromModel(Scaled(1)), TestContext.Current.CancellationToken);
        Assert.Equal("y", difference.Output);
        Assert.Equal(Math.E - 1, difference.Largest, 6);
    }

    [Fact]
    public void Inputs_that_changed_places_are_found_out()
    {
        var difference = ModelComparison.Run(ModelSource.FromModel(Difference(0, 1)), ModelSource.FromModel(Difference(1, 0)), TestContext.Current.CancellationToken);
        Assert.InRange(difference.Largest, 0.1, double.MaxValue);
    }

    [Fact]
    public void A_model_that_draws_random_numbers_cannot_be_compared()
    {
        var graph = new Graph("random");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new("N", 3)));
        graph.AddOutput(graph.AddNode("RandomNormalLike", [x], ["y"]).Outputs[0]!);
        var source = ModelSource.FromModel(Model(graph));
        Assert.Contains("other outputs each time", Assert.Throws<IncomparableModelException>(() => ModelComparison.Run(source, source, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    /// <summary>y = x · e^number, an open axis in x.</summary>
    private static Model Scaled(float number)
    {
        var graph = new Graph("scaled");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new("N", 3)));
        var root = graph.AddNode("Exp", [graph.AddInitializer(TensorData.Scalar("number", number))], ["root"]).Outputs[0]!;
        graph.AddOutput(graph.AddNode("Mul", [x, root], ["y"]).Outputs[0]!);
        return Model(graph);
    }

    /// <summary>y = one input - the other.</summary>
    private static Model Difference(int first, int second)
    {
        var graph = new Graph("difference");
        Value[] inputs = [.. new[] { "a", "b" }.Select(name => graph.AddInput(name, new TensorType(DType.Float32, new(3))))];
        graph.AddOutput(graph.AddNode("Sub", [inputs[first], inputs[second]], ["y"]).Outputs[0]!);
        return Model(graph);
    }

    private static Model Model(Graph graph)
    {
        var model = new Model(graph);
        model.OperatorSets[""] = 21;
        return model;
    }
}
