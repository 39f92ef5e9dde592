using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests;

/// <summary>What is written with a builder is a model that says of each value what it is, and mistakes are named where they are made.</summary>
public sealed class GraphBuilderTests
{
    [Fact]
    public void Each_value_knows_its_type_as_soon_as_it_is_written()
    {
        var builder = new GraphBuilder("tiny");
        var x = builder.Input("x", DType.Float32, new("N", 3, 8, 8));
        var w = builder.Weight("conv.weight", Zeros(4, 3, 3, 3));
        var y = builder.Apply(new Conv { Window = new() { Strides = [2, 2], Pads = [1, 1, 1, 1] } }, x, w);

        Assert.Equal("conv: Float32 [N,4,4,4]", y.ToString());
        Assert.Equal("reshape: Float32 [N,64]", builder.Reshape(y, 0, -1).ToString());
        Assert.Equal(["split: Float32 [N,2,4,4]", "split_1: Float32 [N,2,4,4]"], builder.ApplyMany(2, new Split { Axis = 1, NumOutputs = 2 }, y).Select(part => part.ToString()));
        Assert.Equal("greater: Bool [N,4,4,4]", builder.Elementwise("Greater", y, builder.Scalar(0f)).ToString());
    }

    [Fact]
    public void What_is_built_is_a_checked_model_of_the_operator_set_that_was_asked_for()
    {
        var builder = new GraphBuilder("tiny", opset: 18);
        builder.Output("y", builder.Elementwise("Relu", builder.Input("x", DType.Float32, new("N", 2))));
        var model = builder.Build();

        Assert.Equal("tiny (IR 8, ai.onnx 18, 1 nodes)", model.ToString());
        Assert.Equal("tiny(x: Float32 [N,2]) -> (y: Float32 [N,2]), 1 nodes", model.Graph.ToString());
        Assert.Equal([0f, 2], OrtRun.Run(model, [TensorData.Create<float>("x", [-1, 2], 1, 2)])[0].ToFloats());
    }

    [Fact]
    public void Names_say_where_a_node_stands_and_no_two_are_equal()
    {
        var builder = new GraphBuilder("names");
        var x = builder.Input("x", DType.Float32, new(4));
        using (builder.Scope("layer1"))
        using (builder.Scope("0"))
        {
            x = builder.Elementwise("Relu", x);
            x = builder.Elementwise("Relu", x);
            x = builder.Add(new Elementwise("Add"), [x, builder.Weight("layer1.0.bias", Zeros(4))], "plus").Outputs[0]!;
        }
        x = builder.Apply(new GlobalAveragePool(), builder.Reshape(x, 1, 1, 4));
        builder.Output(x);

        Assert.Equal(["layer1/0/relu", "layer1/0/relu_1", "layer1/0/plus", "reshape", "global_average_pool"], builder.Build().Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_value_that_must_keep_its_name_becomes_an_output_through_an_identity()
    {
        var builder = new GraphBuilder("outputs");
        var x = builder.Input("x", DType.Float32, new(4));
        var y = builder.Elementwise("Relu", x);
        builder.Output("y", y);
        builder.Output("same", y);
        builder.Output("input", x);

        Assert.Equal(["y = Relu(x)", "same = Identity(y)", "input = Identity(x)"], builder.Build().Graph.Nodes.Select(node => node.ToString()));
    }

    [Fact]
    public void Branches_see_the_values_around_them()
    {
        var builder = new GraphBuilder("branches");
        var x = builder.Input("x", DType.Float32, new("N", 2));
        var condition = builder.Input("c", DType.Bool, Shape.Scalar);
        var y = builder.If(condition, then => [then.Elementwise("Neg", x)], otherwise => [x])[0];
        builder.Output("y", y);
        var model = builder.Build();

        Assert.Equal("y: Float32 [N,2]", y.ToString());
        var x0 = TensorData.Create<float>("x", [1, 2], 1, 2);
        Assert.Equal([-1f, -2], OrtRun.Run(model, [x0, TensorData.Scalar("c", true)])[0].ToFloats());
        Assert.Equal([1f, 2], OrtRun.Run(model, [x0, TensorData.Scalar("c", false)])[0].ToFloats());
    }

    [Fact]
    public void A_loop_carries_values_from_round_to_round_and_stacks_others()
    {
        var builder = new GraphBuilder("loop");
        var x = builder.Input("x", DType.Float32, new(2));
        var results = builder.Loop(builder.Scalar(3L), null, [x], (body, round) =>
        {
            var doubled = body.Elementwise("Add", round.Carried[0], round.Carried[0]);
            return new(body.Apply(new Identity(), round.GoesOn), [doubled], [doubled]);
        });
        builder.Output("last", results[0]);
        builder.Output("all", results[1]);
        var outputs = OrtRun.Run(builder.Build(), [TensorData.Create<float>("x", [1, -1], 2)]);

        Assert.Equal(["last: Float32 [2]", "all: Float32 [3,2]"], results.Select(value => value.ToString()));
        Assert.Equal([8f, -8], outputs[0].ToFloats());
        Assert.Equal([2f, -2, 4, -4, 8, -8], outputs[1].ToFloats());
    }

    [Fact]
    public void A_function_is_written_like_a_graph_and_called_by_its_name()
    {
        var body = new GraphBuilder("body");
        body.Output("f", body.Elementwise("Mul", body.Input("a", DType.Float32), body.Apply(new Constant { ValueFloat = 3 })));
        var builder = new GraphBuilder("caller");
        builder.Define(body.BuildFunction("own", "Triple"));
        builder.Output("y", builder.Call("own", "Triple", [builder.Input("x", DType.Float32, new(2))], [new TensorType(DType.Float32, new(2))])[0]);

        Assert.Equal([3f, 6], OrtRun.Run(builder.Build(), [TensorData.Create<float>("x", [1, 2], 2)])[0].ToFloats());
    }

    public static readonly TheoryData<string, Action<GraphBuilder, Value>> Mistakes = new()
    {
        { "Conv 'conv': x has 3 channels, w with group 1 takes 5", (builder, x) => builder.Apply(new Conv(), x, builder.Weight("w", Zeros(4, 5, 3, 3))) },
        { "Conv 'conv' has 1 inputs; Conv takes 2 to 3", (builder, x) => builder.Apply(new Conv(), x) },
        { "Relu 'split' has 2 outputs", (builder, x) => builder.Add(new Elementwise("Relu"), [x], "split", ["a", "b"]) },
        { "Gelu 'gelu' with these attributes needs operator set 20; the model is written for 18", (builder, x) => builder.Apply(new Gelu(), x) },
        { "Greater 'greater' cannot be written", (builder, x) => builder.Apply(new Elementwise("Greater"), x, x) },
        { "Upsample 'upsample' cannot be written", (builder, x) => builder.Apply(new Upsample(), x, x) },
        { "Conv is no operator that works element by element", (builder, x) => builder.Elementwise("Conv", x) },
        { "Relu is an operator that this library knows", (builder, x) => builder.Call("", "Relu", [x], [null]) },
        { "The name 'x' is taken", (builder, _) => builder.Input("x", DType.Float32) },
        { "A value needs a name", (builder, _) => builder.Weight("", Zeros(1)) },
        { "Relu 'relu' cannot take 'elsewhere'", (builder, _) => builder.Elementwise("Relu", new GraphBuilder("other").Input("elsewhere", DType.Float32)) },
        { "A subgraph of graph 'mistakes' is being written", (builder, x) => builder.If(builder.Scalar(true), _ => [builder.Elementwise("Relu", x)], _ => [x]) },
        { "the branch 'if/else_branch' has 2 outputs where the node has 1", (builder, x) => builder.If(builder.Input("c", DType.Bool, new()), _ => [x], _ => [x, x]) },
        { "carries 1 values into a round and 0 out of it", (builder, x) => builder.Loop(null, null, [x], (_, round) => new(round.GoesOn, [], [])) },
        { "carried value 0 comes into a round as Float32 [N,3,8,8] and leaves it as Float32 [N,24,8]", (builder, x) => builder.Loop(null, null, [x], (body, round) => new(round.GoesOn, [body.Reshape(round.Carried[0], 0, 24, 8)], [])) },
        { "is an output of graph 'mistakes' already", (builder, x) => { builder.Output(x); builder.Output(x); } },
        { "Graph 'mistakes' has no outputs", (builder, _) => builder.Build() },
        { "has no type that could be inferred", (builder, x) => { builder.Output("y", builder.Call("own", "Unknown", [x], [null])[0]); builder.Build(); } },
        { "cannot have the weight 'w'", (builder, x) => { builder.Weight("w", Zeros(1)); builder.Output(x); builder.BuildFunction("own", "F"); } },
        { "operator set 17 is not written; 18 to ", (_, _) => _ = new GraphBuilder("old", opset: 17) },
        { "operator set 999 is not written", (_, _) => _ = new GraphBuilder("new", opset: 999) },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_where_it_is_made(string message, Action<GraphBuilder, Value> mistake)
    {
        var builder = new GraphBuilder("mistakes", opset: 18);
        var x = builder.Input("x", DType.Float32, new("N", 3, 8, 8));

        Assert.Contains(message, Assert.ThrowsAny<AnnealException>(() => mistake(builder, x)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_mistake_the_builder_goes_on_as_if_nothing_had_been_said()
    {
        var builder = new GraphBuilder("mistakes");
        var x = builder.Input("x", DType.Float32, new(2, 3));
        Assert.ThrowsAny<AnnealException>(() => builder.Elementwise("Add", x, builder.Weight("w", Zeros(4))));
        Assert.ThrowsAny<AnnealException>(() => builder.If(builder.Scalar(true), _ => throw new AnnealException("no"), _ => [x]));
        builder.Output(builder.Elementwise("Add", x, x));

        Assert.Equal(["add = Add(x, x)"], builder.Build().Graph.Nodes.Select(node => node.ToString()));
    }

    private static TensorData Zeros(params long[] dims) => TensorData.Create("", new float[dims.Aggregate(1L, (a, b) => a * b)], dims);
}
