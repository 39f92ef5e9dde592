namespace Anneal.Onnx.Tests;

public sealed class GraphTests
{
    [Fact]
    public void Values_know_their_producer_and_their_uses()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        var (relu, add) = (graph.Nodes[0], graph.Nodes[1]);
        Assert.Equal([new Use(relu, 0)], graph.Find("x")!.Uses);
        Assert.Equal([new Use(add, 0)], graph.Find("h")!.Uses);
        Assert.Equal((relu, 0), (graph.Find("h")!.Producer, graph.Find("h")!.ProducerIndex));
        Assert.True(graph.Find("w")!.IsConstant);
        Assert.Equal([graph], graph.Find("y")!.OutputOf);
        Assert.Equal("relu-add(x: Float32 [N,4]) -> (y: Float32 [N,4]), 2 nodes", graph.ToString());
        AssertConsistent(graph);
    }

    [Fact]
    public void A_node_is_replaced_by_another_and_the_output_keeps_its_name()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        var add = graph.Nodes[1];
        var sum = graph.InsertNode(1, "Sum", [graph.Find("h"), graph.Find("w")], [graph.UniqueName("y")]);
        graph.ReplaceAllUses(add.Outputs[0]!, sum.Outputs[0]!);
        graph.Remove(add);

        Assert.Equal(["Relu", "Sum"], graph.Nodes.Select(n => n.OpType));
        Assert.Equal("y", Assert.Single(graph.Outputs).Name);
        Assert.Null(add.Graph);
        Assert.Null(graph.Find("y_1"));
        AssertConsistent(graph);
    }

    [Fact]
    public void A_used_value_cannot_be_removed_and_a_removed_node_cannot_be_changed()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        var (relu, add) = (graph.Nodes[0], graph.Nodes[1]);
        Assert.Contains("still used by Add of 'y'", Assert.Throws<AnnealException>(() => graph.Remove(relu)).Message, StringComparison.Ordinal);
        Assert.Contains("still an output", Assert.Throws<AnnealException>(() => graph.Remove(add)).Message, StringComparison.Ordinal);
        Assert.Throws<AnnealException>(() => graph.RemoveInput(graph.Find("x")!));
        Assert.Throws<AnnealException>(() => graph.SetInitializer(graph.Find("w")!, null));
        graph.RemoveOutput(0);
        Assert.Equal(2, graph.RemoveNodes(_ => true));
        Assert.Throws<AnnealException>(() => add.AddInput(null));
        graph.RemoveInput(graph.Find("x")!);
        graph.SetInitializer(graph.Find("w")!, null);
        Assert.Empty(graph.Values);
    }

    [Fact]
    public void An_output_of_the_main_graph_cannot_become_an_input_by_replacement()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        var error = Assert.Throws<AnnealException>(() => graph.ReplaceAllUses(graph.Find("y")!, graph.Find("x")!));
        Assert.Contains("Identity", error.Message, StringComparison.Ordinal);
        AssertConsistent(graph);
    }

    [Fact]
    public void Subgraphs_use_the_values_around_them_and_removal_ends_that()
    {
        var graph = OnnxFile.Parse(OnnxFile.ToBytes(TestGraphs.Branches())).Graph;
        var node = graph.Nodes[0];
        var x = graph.Find("x")!;
        Assert.Equal(["Relu", "Neg"], x.Uses.Select(u => u.Node.OpType));
        Assert.All(node.Subgraphs, branch => Assert.Equal([x], branch.Captures()));
        Assert.Equal("x_1", graph.UniqueName("x"));
        Assert.Equal("Relu_out_1", graph.UniqueName("Relu_out"));

        var cast = graph.InsertNode(0, "Identity", [x], ["copy"]);
        graph.ReplaceAllUses(x, cast.Outputs[0]!);
        Assert.Equal(["Relu", "Neg", "Identity"], cast.Outputs[0]!.Uses.Concat(x.Uses).Select(u => u.Node.OpType).OrderBy(o => o == "Identity"));
    }

    [Fact]
    public void A_removed_node_with_subgraphs_uses_nothing_any_more()
    {
        var graph = TestGraphs.Branches().Graph;
        graph.RemoveOutput(0);
        graph.Remove(graph.Nodes[0]);
        Assert.True(graph.Find("x")!.IsUnused);
        Assert.True(graph.Find("c")!.IsUnused);
    }

    [Fact]
    public void A_value_cannot_be_used_where_it_cannot_be_seen()
    {
        var graph = TestGraphs.Branches().Graph;
        var inner = graph.Nodes[0].Subgraphs.First().Nodes[0].Outputs[0]!;
        Assert.Throws<AnnealException>(() => graph.AddNode("Relu", [inner], ["z"]));
        Assert.Throws<AnnealException>(() => graph.AddOutput(inner));
        Assert.Null(graph.Find("z"));
        Assert.Throws<AnnealException>(() => graph.AddNode("Relu", [graph.Find("x")], ["y"]));
        Assert.Single(graph.Find("c")!.Uses);
        Assert.Equal(2, graph.Find("x")!.Uses.Count);
    }

    [Fact]
    public void Renaming_a_value_carries_its_annotations_along()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        graph.QuantizationAnnotations.Add(new("h") { Parameters = { new MetadataEntry("SCALE_TENSOR", "w") } });
        graph.Rename(graph.Find("h")!, "hidden");
        graph.Rename(graph.Find("w")!, "weight");
        Assert.Equal("hidden", graph.QuantizationAnnotations[0].TensorName);
        Assert.Equal("weight", graph.QuantizationAnnotations[0].Parameters["SCALE_TENSOR"]);
        Assert.Throws<AnnealException>(() => graph.Rename(graph.Find("x")!, "weight"));
        var saved = OnnxFile.Parse(OnnxFile.ToBytes(new Model(graph))).Graph;
        Assert.Equal([1f, 2, 3, 4], saved.Find("weight")!.Initializer!.As<float>());
        Assert.Equal("hidden", saved.Nodes[1].Inputs[0]!.Name);
    }

    [Fact]
    public void Types_that_were_found_out_later_are_saved()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        graph.Find("h")!.Type = new TensorType(DType.Float32, new("N", 4));
        var saved = OnnxFile.Parse(OnnxFile.ToBytes(new Model(graph))).Graph;
        Assert.Equal(new TensorType(DType.Float32, new("N", 4)), saved.Find("h")!.Type);
    }

    [Fact]
    public void Nodes_out_of_order_and_undefined_names_load_and_survive()
    {
        var graph = TestGraphs.ReluAdd().Graph;
        var proto = Wire.ModelProto.Parser.ParseFrom(OnnxFile.ToBytes(new Model(graph)));
        (proto.Graph.Node[0], proto.Graph.Node[1]) = (proto.Graph.Node[1], proto.Graph.Node[0]);
        proto.Graph.Node[1].Input[0] = Wire.WireText.Encode("nowhere");
        var bytes = Google.Protobuf.MessageExtensions.ToByteArray(proto);
        var loaded = OnnxFile.Parse(bytes);
        Assert.Same(loaded.Graph.Nodes[1], loaded.Graph.Nodes[0].Inputs[0]!.Producer);
        Assert.True(loaded.Graph.Find("nowhere")!.IsUndefined);
        Assert.Equal(bytes, OnnxFile.ToBytes(loaded));
    }

    [Fact]
    public void Every_real_model_has_consistent_producers_and_uses()
    {
        foreach (var path in RealModels.All().Where((_, i) => i % 4 == 0))
            foreach (var graph in OnnxFile.Load(path).RootGraphs())
                AssertConsistent(graph);
    }

    /// <summary>Recounts from the nodes what the values claim.</summary>
    private static void AssertConsistent(Graph root)
    {
        var uses = new Dictionary<Value, int>();
        foreach (var node in root.SelfAndSubgraphs().SelectMany(g => g.Nodes))
        {
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { } input)
                {
                    Assert.Contains(new Use(node, i), input.Uses);
                    uses[input] = uses.GetValueOrDefault(input) + 1;
                }
            Assert.All(node.Outputs.OfType<Value>(), output => Assert.Same(node, output.Producer));
        }
        foreach (var value in root.SelfAndSubgraphs().SelectMany(g => g.Values))
            Assert.Equal(uses.GetValueOrDefault(value), value.Uses.Count);
    }
}
