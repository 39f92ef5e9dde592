using System.Diagnostics;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

public sealed class ControlFlowTests
{
    private static readonly TensorType Bool = new(DType.Bool, Shape.Scalar);
    private static readonly TensorType Int64 = new(DType.Int64, Shape.Scalar);

    [Theory]
    [InlineData(null, "Float32 [2,?]")]
    [InlineData(true, "Float32 [2,3]")]
    [InlineData(false, "Float32 [2,4]")]
    public void An_If_gives_what_its_branches_agree_on(bool? condition, string expected)
    {
        var graph = new Graph();
        var c = graph.AddInput("c", Bool);
        var (three, four) = (graph.AddInput("three", Floats(2, 3)), graph.AddInput("four", Floats(2, 4)));
        var node = graph.AddNode("If", [c], ["y"]);
        Apply(node.AddSubgraph("then_branch"), "Relu", three);
        Apply(node.AddSubgraph("else_branch"), "Relu", four);
        Assert.Equal(expected, Infer(graph, node, c, condition is { } value ? TensorData.Scalar("c", value) : null));
    }

    [Fact]
    public void A_branch_that_is_not_taken_need_not_fit()
    {
        var graph = new Graph();
        var c = graph.AddInput("c", Bool);
        var (three, four) = (graph.AddInput("three", Floats(2, 3)), graph.AddInput("four", Floats(2, 4)));
        var node = graph.AddNode("If", [c], ["y"]);
        Apply(node.AddSubgraph("then_branch"), "Relu", three);
        Apply(node.AddSubgraph("else_branch"), "Add", three, four);
        Assert.Equal("Float32 [2,3]", Infer(graph, node, c, TensorData.Scalar("c", true)));
        Assert.Throws<ShapeMismatchException>(() => Infer(graph, node, c, TensorData.Scalar("c", false)));
    }

    /// <summary>The body adds [4,3] to what it carries: [1,3] becomes [4,3] in the first round and stays so.</summary>
    [Theory]
    [InlineData(5L, true, "Float32 [4,3]; Float32 [5,4,3]")]
    [InlineData(1L, true, "Float32 [4,3]; Float32 [1,4,3]")]
    [InlineData(0L, true, "Float32 [1,3]; Float32 [0,4,3]")]
    [InlineData(-3L, true, "Float32 [1,3]; Float32 [0,4,3]")]
    [InlineData(5L, false, "Float32 [1,3]; Float32 [0,4,3]")]
    [InlineData(null, true, "Float32 [?,3]; Float32 [?,4,3]")]
    [InlineData(5L, null, "Float32 [?,3]; Float32 [?,4,3]")]
    [InlineData(null, null, "Float32 [?,3]; Float32 [?,4,3]")]
    public void A_Loop_gives_what_holds_after_its_rounds(long? rounds, bool? condition, string expected)
    {
        var graph = new Graph();
        var (m, c) = (graph.AddInput("m", Int64), graph.AddInput("c", Bool));
        var (x, addend) = (graph.AddInput("x", Floats(1, 3)), graph.AddInput("addend", Floats(4, 3)));
        var node = graph.AddNode("Loop", [m, c, x], ["y", "all"]);
        var (body, goOn) = Body(node);
        var sum = body.AddNode("Add", [body.AddInput("carried"), addend], ["sum"]).Outputs[0]!;
        Give(body, goOn, sum, sum);

        var given = new Dictionary<string, Fact>();
        if (rounds is { } number)
            given["m"] = Fact.Of(TensorData.Scalar("m", number));
        if (condition is { } holds)
            given["c"] = Fact.Of(TensorData.Scalar("c", holds));
        Assert.Equal(expected, Infer(graph, node, given));
    }

    [Theory]
    [InlineData(false, "Float32 [4,3]; Float32 [5,4,3]")]
    [InlineData(true, "Float32 [4,3]; Float32 [?,4,3]")]
    public void A_Loop_that_may_stop_itself_has_no_known_number_of_rounds(bool mayStop, string expected)
    {
        var graph = new Graph();
        var stop = graph.AddInput("stop", Bool);
        var (x, addend) = (graph.AddInput("x", Floats(1, 3)), graph.AddInput("addend", Floats(4, 3)));
        var m = graph.AddInitializer(TensorData.Scalar("m", 5L));
        var node = graph.AddNode("Loop", [m, null, x], ["y", "all"]);
        var (body, goOn) = Body(node);
        var sum = body.AddNode("Add", [body.AddInput("carried"), addend], ["sum"]).Outputs[0]!;
        Give(body, mayStop ? stop : goOn, sum, sum);
        Assert.Equal(expected, Infer(graph, node, []));
    }

    [Theory]
    [InlineData(0, 0, 0, "Float32 [3,4]; Float32 [2,3,4]")]
    [InlineData(1, 1, 0, "Float32 [2,4]; Float32 [2,3,4]")]
    [InlineData(-1, -1, 1, "Float32 [2,3]; Float32 [2,3,4]")]
    public void A_Scan_cuts_and_stacks_along_its_axes(int inputAxis, int outputAxis, int direction, string expected)
    {
        var graph = new Graph();
        var x = graph.AddInput("x", Floats(2, 3, 4));
        Value state = graph.AddInput("s", Floats([.. new long[] { 2, 3, 4 }.Where((_, i) => i != (inputAxis + 3) % 3)]));
        var node = graph.AddNode("Scan", [state, x], ["end", "all"]);
        foreach (var (name, value) in new[] { ("scan_input_axes", inputAxis), ("scan_output_axes", outputAxis), ("scan_input_directions", direction), ("scan_output_directions", direction) })
            node.SetAttribute(NodeAttribute.Of(name, values: (long[])[value]));
        node.SetAttribute(NodeAttribute.Of("num_scan_inputs", 1));
        var body = node.AddSubgraph("body");
        var sum = body.AddNode("Add", [body.AddInput("before"), body.AddInput("slice")], ["sum"]).Outputs[0]!;
        Give(body, sum, sum);
        Assert.Equal(expected, Infer(graph, node, []));
    }

    [Fact]
    public void A_Scan_without_rounds_keeps_its_state()
    {
        var graph = new Graph();
        var node = graph.AddNode("Scan", [graph.AddInput("s", Floats(1)), graph.AddInput("x", Floats(0, 3))], ["end"]);
        node.SetAttribute(NodeAttribute.Of("num_scan_inputs", 1));
        var body = node.AddSubgraph("body");
        Give(body, body.AddNode("Add", [body.AddInput("before"), body.AddInput("slice")], ["sum"]).Outputs[0]!);
        Assert.Equal("Float32 [1]", Infer(graph, node, []));
    }

    [Fact]
    public void A_body_with_the_wrong_number_of_inputs_is_refused()
    {
        var graph = new Graph();
        var node = graph.AddNode("Loop", [null, null, graph.AddInput("x", Floats(2))], ["y"]);
        var (body, goOn) = Body(node);
        Give(body, goOn, goOn);
        var fault = Assert.Throws<ShapeMismatchException>(() => Infer(graph, node, []));
        Assert.Contains("needs 3 inputs and 2 outputs; it has 2 and 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Subgraphs_nested_too_deep_are_refused()
    {
        Assert.Equal("Float32 [2]", InferNested(GraphFacts.MostNesting));
        var fault = Assert.Throws<InvalidModelException>(() => InferNested(GraphFacts.MostNesting + 1));
        Assert.Contains($"nested more than {GraphFacts.MostNesting} deep", fault.Message, StringComparison.Ordinal);

        static string InferNested(int depth)
        {
            var graph = new Graph();
            var (c, x) = (graph.AddInput("c", Bool), graph.AddInput("x", Floats(2)));
            var node = graph.AddNode("If", [c], ["y"]);
            var inner = node;
            for (var i = 1; i <= depth; i++)
            {
                Apply(inner.AddSubgraph("else_branch"), "Relu", x);
                var branch = inner.AddSubgraph("then_branch");
                inner = i < depth ? branch.AddNode("If", [c], ["inner"]) : branch.AddNode("Relu", [x], ["inner"]);
                Give(branch, inner.Outputs[0]!);
            }
            return Infer(graph, node, c, null);
        }
    }

    [Fact]
    public void The_rounds_of_nested_loops_do_not_multiply()
    {
        // Each of these loops needs two rounds to settle: 2 to the power of 60 if every round of one began the next one anew.
        var graph = new Graph();
        var (x, addend) = (graph.AddInput("x", Floats(1, 3)), graph.AddInput("addend", Floats(4, 3)));
        var node = graph.AddNode("Loop", [null, null, x], ["y"]);
        var inner = node;
        for (var i = 0; i < 60; i++)
        {
            var (body, goOn) = Body(inner);
            var carried = body.AddInput("carried");
            inner = i < 59 ? body.AddNode("Loop", [null, null, carried], ["inner"]) : body.AddNode("Add", [carried, addend], ["inner"]);
            Give(body, goOn, inner.Outputs[0]!);
        }
        var watch = Stopwatch.StartNew();
        Assert.Equal("Float32 [4,3]", Infer(graph, node, []));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    private static TensorType Floats(params ReadOnlySpan<long> extents) => new(DType.Float32, Shape.Of(extents));

    private static (Graph Body, Value GoOn) Body(Node node)
    {
        var body = node.AddSubgraph("body");
        body.AddInput("round");
        return (body, body.AddInput("go_on"));
    }

    private static void Give(Graph graph, params IEnumerable<Value> outputs)
    {
        foreach (var value in outputs)
            graph.AddOutput(value);
    }

    private static void Apply(Graph graph, string opType, params IEnumerable<Value> inputs) => Give(graph, graph.AddNode(opType, inputs, [opType]).Outputs[0]!);

    private static string Infer(Graph graph, Node node, Value input, TensorData? value) =>
        Infer(graph, node, value is null ? [] : new() { [input.Name] = Fact.Of(value) });

    private static string Infer(Graph graph, Node node, Dictionary<string, Fact> given)
    {
        var facts = GraphFacts.Infer(graph, given);
        return string.Join("; ", node.Outputs.Select(output => facts[output!].Type));
    }
}
