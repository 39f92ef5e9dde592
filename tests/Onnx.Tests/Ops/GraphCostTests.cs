using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

public sealed class GraphCostTests
{
    // Operators that move, choose, make or convert elements. Whatever else there is says what its arithmetic is.
    private static readonly string[] Moving =
    [
        "BitCast", "Cast", "CastLike", "CenterCropPad", "Compress", "Concat", "Constant", "ConstantOfShape", "DepthToSpace", "Dropout", "Expand",
        "EyeLike", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "MaxUnpool", "NonZero", "OneHot", "Pad", "Range", "Reshape",
        "ReverseSequence", "Scatter", "Shape", "Size", "Slice", "SpaceToDepth", "Split", "Squeeze", "TensorScatter", "Tile", "Transpose", "Trilu", "Unsqueeze",
    ];

    [Theory]
    // Multiply-adds: every cell of the output times kernel times channels of the group.
    [InlineData("Conv : [2,3,8,8] ; [4,3,3,3]", 2 * 4 * 6 * 6 * 27, 0)]
    [InlineData("Conv group=2 strides=2,2 : [1,4,8,8] ; [6,2,2,2] ; [6]", 6 * 4 * 4 * 8, 6 * 4 * 4)]
    [InlineData("Conv : [1,2,9] ; [5,2,3]", 5 * 7 * 6, 0)]
    [InlineData("ConvInteger : UInt8[1,3,4,4] ; UInt8[2,3,1,1]", 2 * 16 * 3, 0)]
    [InlineData("QLinearConv : UInt8[1,3,4,4] ; [] ; UInt8[] ; UInt8[2,3,1,1] ; [] ; UInt8[] ; [] ; UInt8[] ; Int32[2]", 2 * 16 * 3, 2 * 16)]
    [InlineData("ConvTranspose strides=2,2 : [1,4,3,3] ; [4,5,2,2] ; [5]", 9 * 4 * 5 * 4, 5 * 36)]
    [InlineData("DeformConv : [1,4,3,3] ; [5,4,2,2] ; [1,8,2,2]", (5 * 4 * 16) + (4 * 4 * 4 * 4), 0)]
    [InlineData("Gemm transB=1 : [3,7] ; [5,7] ; [5]", 3 * 5 * 7, 15)]
    [InlineData("Gemm transA=1 : [7,3] ; [7,5]", 3 * 5 * 7, 0)]
    [InlineData("MatMul : [2,1,3,7] ; [4,7,5]", 2 * 4 * 3 * 5 * 7, 0)]
    [InlineData("MatMul : [7] ; [7]", 7, 0)]
    [InlineData("Einsum equation=bij,bjk->bik : [2,3,7] ; [2,7,5]", 2 * 3 * 5 * 7, 0)]
    [InlineData("Einsum equation=...ij,jk->...ik : [2,4,3,7] ; [7,5]", 2 * 4 * 3 * 5 * 7, 0)]
    [InlineData("Einsum equation=ij->ji : [3,7]", 0, 21)]
    [InlineData("Det : [2,3,3]", 2 * 9, 0)]
    [InlineData("LSTM/1 hidden_size=7 : [5,2,3] ; [1,28,3] ; [1,28,7]", 5 * 2 * 28 * (3 + 7), 5 * 2 * 7 * 13)]
    [InlineData("GRU/1 direction=bidirectional : [5,2,3] ; [2,21,3] ; [2,21,7]", 2 * 5 * 2 * 21 * (3 + 7), 2 * 5 * 2 * 7 * 10)]
    [InlineData("RNN/1 : [5,2,3] ; [1,7,3] ; [1,7,7]", 5 * 2 * 7 * (3 + 7), 5 * 2 * 7 * 2)]
    [InlineData("Resize mode=linear : [1,1,4,4] ; _ ; _ ; Int64[4]=1,1,8,8", 64 * 4, 0)]
    [InlineData("Resize mode=cubic : [1,1,4,4] ; _ ; _ ; Int64[4]=1,1,4,8", 32 * 4, 0)]
    [InlineData("Resize mode=linear antialias=1 : [1,1,8,8] ; _ ; _ ; Int64[4]=1,1,4,8", 32 * 2 * 2, 0)]
    [InlineData("Resize : [1,1,4,4] ; _ ; _ ; Int64[4]=1,1,8,8", 0, 0)]
    // Everything else: an operation for each element and step.
    [InlineData("Relu : [2,3,8,8]", 0, 384)]
    [InlineData("Add : [2,3,8,8] ; [3,1,1]", 0, 384)]
    [InlineData("Sum : [10] ; [10] ; [10]", 0, 20)]
    [InlineData("Greater : [10] ; [10]", 0, 10)]
    [InlineData("PRelu : [10] ; [10]", 0, 20)]
    [InlineData("MaxPool/1 kernel_shape=3,3 strides=2,2 : [1,2,7,7]", 0, 2 * 9 * 9)]
    [InlineData("GlobalAveragePool : [1,2,7,7]", 0, 98)]
    [InlineData("BatchNormalization : [1,2,7,7] ; [2] ; [2] ; [2] ; [2]", 0, 2 * 98)]
    [InlineData("LayerNormalization : [4,10] ; [10]", 0, 7 * 40)]
    [InlineData("LRN size=5 : [1,2,7,7]", 0, 10 * 98)]
    [InlineData("Softmax : [4,10]", 0, 5 * 40)]
    [InlineData("ReduceMean : [4,10]", 0, 40)]
    [InlineData("ArgMax axis=1 : [4,10]", 0, 40)]
    [InlineData("DynamicQuantizeLinear/3 : [10]", 0, 40)]
    [InlineData("SoftmaxCrossEntropyLoss : [4,10] ; Int64[4]", 0, (5 * 40) + 4)]
    [InlineData("Reshape : [4,10] ; Int64[1]=40", 0, 0)]
    public void Arithmetic_follows_from_shapes(string node, long multiplyAdds, long operations)
    {
        var cost = NodeLine.Count(node);
        Assert.Equal((multiplyAdds, operations, (2 * multiplyAdds) + operations), (cost.MultiplyAdds, cost.Operations, cost.Flops));
    }

    [Theory]
    [InlineData("Conv : [N,3,8,8] ; [4,3,3,3]")]
    [InlineData("Conv : [1,3,8,8] ; [0,3,3,3]")]
    [InlineData("Relu : ?")]
    [InlineData("Einsum equation=ij,jk->ik : [2,?] ; [7,5]")]
    [InlineData("NoSuchOperator : [10]")]
    public void Arithmetic_that_depends_on_an_unknown_extent_is_unknown(string node) => Assert.Null(NodeLine.Count(node).Flops);

    [Fact]
    public void Extents_beyond_all_bounds_overflow_nothing()
    {
        var cost = NodeLine.Count("Conv : [9000000000000000000,9000000000000000000,9000000000,9000000000] ; [9000000000000000000,9000000000000000000,1,1]");
        Assert.InRange(cost.MultiplyAdds!.Value, 1e70, double.MaxValue);
    }

    [Fact]
    public void An_operator_that_counts_nothing_is_one_that_moves_elements()
    {
        var silent = OpTable.All.Where(entry => Declares(entry.Blank.GetType()) == typeof(Op)).Select(entry => entry.Name);
        Assert.Equal(Moving, silent.Order(StringComparer.Ordinal));

        static Type Declares(Type op) => op.GetMethod(nameof(Op.Count), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance, [typeof(CostFacts)])!.DeclaringType!;
    }

    [Theory]
    // torchvision publishes 0.35 billion multiply-adds for SqueezeNet 1.1.
    [InlineData("squeezenet1.1-fp32-rebuilt", 0.349, 1_235_496)]
    public void Whole_networks_cost_what_is_published(string model, double giga, long parameters)
    {
        var cost = GraphCost.Of(OnnxFile.Load(TestData.Require("models", model + ".onnx")).Graph);
        Assert.Equal((giga, parameters), (Math.Round(cost.Total.MultiplyAdds!.Value / 1e9, 3), cost.Parameters));
    }

    [Fact]
    public void Layers_share_the_parameters_and_the_memory_peaks_where_most_is_alive()
    {
        var graph = new Graph("twice");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new(1, 3)));
        var w = graph.AddInitializer(TensorData.Create("w", new float[9], 3, 3));
        var scale = graph.AddInitializer(TensorData.Create("scale", new float[1], 1));
        var transposed = graph.AddNode("Transpose", [w], ["wt"]).Outputs[0];
        var once = graph.AddNode("MatMul", [x, transposed], ["a"]).Outputs[0];
        var again = graph.AddNode("MatMul", [once, transposed], ["b"]).Outputs[0];
        graph.AddOutput(graph.AddNode("Mul", [again, scale], ["y"]).Outputs[0]!);

        var cost = GraphCost.Of(graph, GraphFacts.Infer(graph));
        Assert.Equal(["MatMul", "MatMul", "Mul"], cost.Layers.Select(layer => layer.Node.OpType));
        Assert.Equal([9, 0, 0], cost.Layers.Select(layer => layer.Parameters));
        Assert.Equal((9, new Cost(18, 3)), (cost.Parameters, cost.Total));
        Assert.Equal(2 * 3 * 4, cost.PeakActivationBytes);
    }

    [Fact]
    public void An_unknown_operator_leaves_the_rest_counted()
    {
        var graph = new Graph("strange");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new(10)));
        var strange = graph.AddNode("Strange", [x], ["s"]).Outputs[0];
        graph.AddOutput(graph.AddNode("Relu", [x], ["y"]).Outputs[0]!);
        graph.AddOutput(strange!);

        var cost = GraphCost.Of(graph, GraphFacts.Infer(graph));
        Assert.Null(cost.Total.Flops);
        Assert.Equal(10, cost.Known.Flops);
        Assert.Null(cost.PeakActivationBytes);
    }

    [Theory]
    [InlineData(null, 5 * 8)]
    [InlineData(true, 6)]
    [InlineData(false, 5 * 8)]
    public void An_If_costs_what_the_branch_does_that_is_taken_or_else_the_dearer_one(bool? condition, double expected)
    {
        var graph = new Graph();
        var c = graph.AddInput("c", new TensorType(DType.Bool, Shape.Scalar));
        var (small, large) = (graph.AddInput("small", Floats(2, 3)), graph.AddInput("large", Floats(2, 4)));
        var node = graph.AddNode("If", [c], ["y"]);
        Give(node.AddSubgraph("then_branch"), "Relu", small);
        Give(node.AddSubgraph("else_branch"), "Softmax", large);
        var facts = condition is { } known ? new Dictionary<string, Fact> { ["c"] = Fact.Of(TensorData.Scalar("c", known)) } : null;
        Assert.Equal(expected, GraphCost.Of(graph, GraphFacts.Infer(graph, facts)).Total.Flops);
    }

    [Theory]
    [InlineData(7L, 7.0 * 12)]
    [InlineData(-1L, 0.0)]
    [InlineData(long.MaxValue, null)]
    public void A_Loop_costs_its_body_as_often_as_it_may_run(long limit, double? expected)
    {
        var graph = new Graph();
        var m = graph.AddInitializer(TensorData.Scalar("m", limit));
        var (c, x) = (graph.AddInput("c", new TensorType(DType.Bool, Shape.Scalar)), graph.AddInput("x", Floats(4, 3)));
        var body = graph.AddNode("Loop", [m, c, x], ["y"]).AddSubgraph("body");
        body.AddInput("round");
        body.AddOutput(body.AddInput("go_on"));
        Give(body, "Relu", body.AddInput("carried"));
        Assert.Equal(expected, GraphCost.Of(graph, GraphFacts.Infer(graph)).Total.Flops);
    }

    [Fact]
    public void A_Scan_costs_its_body_for_each_slice()
    {
        var graph = new Graph();
        var node = graph.AddNode("Scan", [graph.AddInput("x", Floats(3, 6))], ["y"], NodeAttribute.Of("num_scan_inputs", 1), NodeAttribute.Of("scan_input_axes", values: [1L]));
        var body = node.AddSubgraph("body");
        Give(body, "Relu", body.AddInput("slice"));
        Assert.Equal(18, GraphCost.Of(graph, GraphFacts.Infer(graph)).Total.Flops);
    }

    private static TensorType Floats(params Dim[] dims) => new(DType.Float32, new(dims));

    private static void Give(Graph graph, string op, Value value) => graph.AddOutput(graph.AddNode(op, [value], [$"{op}_of_{value.Name}"]).Outputs[0]!);
}
