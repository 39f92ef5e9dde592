using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Onnx.Passes.Decompositions;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>ONNX's own vectors of operators that are rewritten: what is written computes what is stored, run by ONNX Runtime.</summary>
public sealed class DecomposeTests
{
    // How many node cases hold an operator that is rewritten. It only grows.
    private const int LeastCases = 61;

    // The newest operator set that ONNX Runtime 1.31 runs in full. What is written here is the same in every set from 18 on.
    private const long NewestRun = 23;

    private static readonly string[] NeedsExtents = ["the number of channels is not known", "whether the grid has two or three axes is not known"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_computes_what_the_operator_computes(bool extentsAreKnown)
    {
        var faults = new List<string>();
        var cases = 0;
        foreach (var folder in Folders())
        {
            var model = Decomposed(folder, extentsAreKnown, out var refusal);
            if (refusal is null)
                faults.AddRange(Faults(folder, model));
            else if (extentsAreKnown || !NeedsExtents.Any(need => refusal.Contains(need, StringComparison.Ordinal)))
                faults.Add($"{Path.GetFileName(folder)}: {refusal}");
            cases++;
        }
        Assert.Empty(faults);
        Assert.InRange(cases, LeastCases, int.MaxValue);
    }

    [Fact]
    public void What_is_written_is_known_to_the_table_and_inferred_to_the_end()
    {
        var faults = new List<string>();
        foreach (var folder in Folders())
        {
            var model = Decomposed(folder, extentsAreKnown: true, out _);
            var inputs = model.Graph.Inputs.Zip(OrtOutputs.Stored(folder, "input")).ToDictionary(pair => pair.First.Name, pair => Fact.Of(pair.Second));
            var facts = GraphFacts.Infer(model.Graph, inputs, trustDeclared: false);
            var guess = GraphFacts.Infer(model.Graph, trustDeclared: false);
            foreach (var (output, stored) in model.Graph.Outputs.Zip(OrtOutputs.Stored(folder)))
                if (facts[output].Type?.ToString() != stored.Type.ToString() || !IsTrue(guess[output], stored))
                    faults.Add($"{Path.GetFileName(folder)}: '{output.Name}' was inferred as {facts[output]}, without values as {guess[output]}, and is {stored.Type}");
            faults.AddRange(model.Graph.Nodes.Where(node => OpTable.Find(node.Domain, node.OpType) is null).Select(node => node.Title));
        }
        Assert.Empty(faults);
    }

    [Fact]
    public void A_second_run_changes_nothing_and_names_tell_where_a_node_came_from()
    {
        var model = Attention([NodeAttribute.Of("is_causal", 1)]);
        model.Graph.Nodes[0].Name = "layer1.attention";
        Assert.True(new Decompose().Run(model));
        Assert.False(new Decompose().Run(model));
        Assert.All(model.Graph.Nodes, node => Assert.StartsWith("layer1.attention/", node.Name, StringComparison.Ordinal));
        Assert.Equal("y", model.Graph.Nodes[^1].Outputs[0]!.Name);
        Assert.DoesNotContain(model.Graph.Nodes, node => node.OpType is "Shape" or "Expand");
    }

    [Fact]
    public void A_function_that_says_what_the_operator_does_comes_first()
    {
        var model = Attention([]);
        var body = new Graph();
        body.AddOutput(body.AddNode("Add", [body.AddInput("q"), body.AddInput("k")], ["y"]).Outputs[0]!);
        body.AddInput("v");
        model.Functions.Add(new("", "Attention", body));
        Assert.False(new Decompose().Run(model));
    }

    [Fact]
    public void An_operator_in_a_branch_is_rewritten_there()
    {
        var graph = new Graph();
        var (c, q) = (graph.AddInput("c", new TensorType(DType.Bool, Shape.Scalar)), graph.AddInput("q", new TensorType(DType.Float32, Shape.Of(1, 2, 3, 4))));
        var choice = graph.AddNode("If", [c], ["y"]);
        foreach (var name in new[] { "then_branch", "else_branch" })
        {
            var branch = choice.AddSubgraph(name, name);
            branch.AddOutput(branch.AddNode(name[0] == 't' ? "Attention" : "Relu", name[0] == 't' ? [q, q, q] : [q], ["t"]).Outputs[0]!);
        }
        graph.AddOutput(choice.Outputs[0]!);
        Assert.True(new Decompose().Run(new(graph) { OperatorSets = { [""] = 23 } }));
        Assert.DoesNotContain(graph.SelfAndSubgraphs().SelectMany(g => g.Nodes), node => node.OpType == "Attention");
        Assert.Equal("t", choice.Subgraphs.First().Outputs[0].Name);
    }

    /// <summary>Windows are newer than the vectors: they are checked against a mask that says the same.</summary>
    [Theory]
    [InlineData(2, -1, false)]
    [InlineData(-1, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(2, 3, true)]
    [InlineData(0, -1, true)]
    public void A_window_is_a_mask(int left, int right, bool isCausal)
    {
        const int Queries = 5, Keys = 6;
        var window = Attention([NodeAttribute.Of("left_window_size", left), NodeAttribute.Of("right_window_size", right), NodeAttribute.Of("is_causal", isCausal ? 1 : 0)], Queries, Keys);
        var mask = new bool[Queries * Keys];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = (left < 0 || (i / Keys) - (i % Keys) <= left) && (right < 0 || (i % Keys) - (i / Keys) <= right) && (!isCausal || i % Keys <= i / Keys);
        var masked = Attention([], Queries, Keys, TensorData.Create("mask", mask, Queries, Keys));
        new Decompose().Run(window);
        new Decompose().Run(masked);
        Assert.Null(OrtOutputs.Difference(OrtOutputs.Run(masked, "none")[0], OrtOutputs.Run(window, "none")[0], 1e-6, 1e-7));
    }

    /// <summary>Forms that go together in ways that no vector has: groups, past, valid tokens, windows, caps and masks of every rank, extents known and not.</summary>
    [Fact]
    public void Attention_in_every_form_computes_what_the_specification_says()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var call = new AttentionReference(seed);
            var model = Call(call, extentsAreKnown: seed % 2 == 0);
            Assert.True(new Decompose().Run(model));
            var (result, products) = call.Compute();
            var found = OrtOutputs.Run(model, "none");
            var expected = call.IsPacked ? Packed(call, result) : TensorData.Create("", result, call.Batch, call.Heads, call.Queries, call.ValueWidth);
            Assert.True(OrtOutputs.Difference(expected, found[0], 1e-4, 1e-5) is null, $"seed {seed}: {OrtOutputs.Difference(expected, found[0], 1e-4, 1e-5)}");
            var stage = TensorData.Create("", products, call.Batch, call.Heads, call.Queries, call.Total);
            Assert.True(OrtOutputs.Difference(stage, found[1], 1e-4, 1e-5) is null, $"seed {seed}, fourth output: {OrtOutputs.Difference(stage, found[1], 1e-4, 1e-5)}");
        }
    }

    [Theory]
    [InlineData("a mask without a type", "Attention of 'y' cannot be rewritten: the element type of the mask is not known")]
    [InlineData("three axes without heads", "so the attribute for its number of heads is needed")]
    [InlineData("heads that do not divide", "the 3 heads of Q do not share 2 heads of K and V evenly")]
    [InlineData("an unknown attribute", "has the attribute 'dropout', which Attention does not have")]
    [InlineData("too few inputs", "has 2 inputs; Attention takes 3 to 7")]
    [InlineData("an input left out", "leaves out input 1, which Attention requires")]
    [InlineData("past keys alone", "past keys and past values are needed together")]
    public void What_cannot_be_rewritten_is_refused_by_name(string what, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<AnnealException>(() => new Decompose().Run(Refused(what))).Message, StringComparison.Ordinal);

    private static bool IsTrue(Fact fact, TensorData stored) => fact.DType == stored.DType
        && (fact.Shape is null || (fact.Shape.Rank == stored.Dims.Length && fact.Shape.Zip(stored.Dims.ToArray()).All(pair => !pair.First.IsKnown || pair.First.Value == pair.Second)));

    private static IEnumerable<string> Folders() => Directory.GetDirectories(TestData.Require("onnx-backend", "node")).Order(StringComparer.Ordinal)
        .Where(folder => OnnxFile.Load(Path.Combine(folder, "model.onnx")).Graph.Nodes.Any(node => DecompositionTable.Find(node) is not null));

    private static Model Decomposed(string folder, bool extentsAreKnown, out string? refusal)
    {
        var model = OnnxFile.Load(Path.Combine(folder, "model.onnx"));
        foreach (var value in model.Graph.Inputs.Concat(model.Graph.Outputs))
            if (!extentsAreKnown && value.Type is TensorType { Shape: { } shape } type)
                value.Type = type with { Shape = Elements.AnyOfRank(shape.Rank) };
        try
        {
            Assert.True(new Decompose().Run(model));
            refusal = null;
        }
        catch (AnnealException e)
        {
            refusal = e.Message;
        }
        return model;
    }

    private static IEnumerable<string> Faults(string folder, Model model)
    {
        if (model.OperatorSets[""] > NewestRun)
            model.OperatorSets[""] = NewestRun;
        // Neighbouring half floats differ by a thousandth, so sums of rounded products may differ by a few of those.
        var isHalf = folder.Contains("fp16", StringComparison.Ordinal);
        var found = OrtOutputs.Run(model, Path.Combine(folder, "model.onnx"));
        var differences = OrtOutputs.Stored(folder).Zip(found, (stored, computed) => OrtOutputs.Difference(stored, computed, isHalf ? 4e-3 : 1e-3, isHalf ? 1e-3 : 1e-7));
        return differences.OfType<string>().Select(difference => $"{Path.GetFileName(folder)}: {difference}");
    }

    private static Model Attention(NodeAttribute[] attributes, int queries = 3, int keys = 3, TensorData? mask = null)
    {
        var graph = new Graph();
        var q = graph.AddInput("q", new TensorType(DType.Float32, Shape.Of(1, 2, queries, 4)));
        var (k, v) = (graph.AddInput("k", new TensorType(DType.Float32, Shape.Of(1, 2, keys, 4))), graph.AddInput("v", new TensorType(DType.Float32, Shape.Of(1, 2, keys, 4))));
        Value[] inputs = mask is null ? [q, k, v] : [q, k, v, graph.AddInitializer(mask)];
        var node = graph.AddNode("Attention", inputs, ["y"], attributes);
        node.Outputs[0]!.Type = new TensorType(DType.Float32, Shape.Of(1, 2, queries, 4));
        graph.AddOutput(node.Outputs[0]!);
        return new(graph) { OperatorSets = { [""] = 23 } };
    }

    /// <summary>A graph whose inputs have the call's numbers as defaults.</summary>
    private static Model Call(AttentionReference call, bool extentsAreKnown)
    {
        var graph = new Graph();
        Value? Input<T>(string name, T[]? numbers, params long[] dims) where T : unmanaged
        {
            if (numbers is null)
                return null;
            var tensor = TensorData.Create(name, numbers, dims);
            var value = graph.AddInput(name, extentsAreKnown ? tensor.Type : new TensorType(tensor.DType, Elements.AnyOfRank(dims.Length)));
            graph.SetInitializer(value, tensor);
            return value;
        }
        long[] Dims(int heads, int tokens, int width) => call.IsPacked ? [call.Batch, tokens, heads * width] : [call.Batch, heads, tokens, width];
        Value?[] inputs =
        [
            Input("q", call.Q, Dims(call.Heads, call.Queries, call.Width)),
            Input("k", call.K, Dims(call.Groups, call.Keys, call.Width)),
            Input("v", call.V, Dims(call.Groups, call.Keys, call.ValueWidth)),
            call.MaskDims is null ? null : call.MaskIsBool ? Input("mask", [.. call.Mask.Select(number => number == 0)], call.MaskDims) : Input("mask", call.Mask, call.MaskDims),
            Input("past_k", call.Past == 0 ? null : call.PastK, call.Batch, call.Groups, call.Past, call.Width),
            Input("past_v", call.Past == 0 ? null : call.PastV, call.Batch, call.Groups, call.Past, call.ValueWidth),
            Input("valid", call.Valid, call.Batch),
        ];
        var node = graph.AddNode("Attention", inputs, ["y", null, null, "products"], Attributes(call));
        foreach (var output in node.Outputs.OfType<Value>())
        {
            output.Type = new TensorType(DType.Float32, Elements.AnyOfRank(call.IsPacked && output.Name == "y" ? 3 : 4));
            graph.AddOutput(output);
        }
        return new(graph) { OperatorSets = { [""] = 23 } };
    }

    private static IEnumerable<NodeAttribute> Attributes(AttentionReference call)
    {
        yield return NodeAttribute.Of("is_causal", call.IsCausal ? 1 : 0);
        yield return NodeAttribute.Of("softcap", call.Softcap);
        yield return NodeAttribute.Of("qk_matmul_output_mode", call.Mode);
        yield return NodeAttribute.Of("left_window_size", call.Left);
        yield return NodeAttribute.Of("right_window_size", call.Right);
        if (call.Scale is { } scale)
            yield return NodeAttribute.Of("scale", scale);
        if (call.IsPacked)
            yield return NodeAttribute.Of("q_num_heads", call.Heads);
        if (call.IsPacked)
            yield return NodeAttribute.Of("kv_num_heads", call.Groups);
        if (call.Mode == 1)
            yield return NodeAttribute.Of("softmax_precision", (long)DType.Double);
    }

    /// <summary>[B,heads,S,E] as [B,S,heads × E].</summary>
    private static TensorData Packed(AttentionReference call, float[] result)
    {
        var packed = new float[result.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var (e, row) = (i % call.ValueWidth, i / call.ValueWidth);
            var (q, head) = (row % call.Queries, row / call.Queries);
            packed[((((head / call.Heads * call.Queries) + q) * call.Heads) + (head % call.Heads)) * call.ValueWidth + e] = result[i];
        }
        return TensorData.Create("", packed, call.Batch, call.Queries, call.Heads * call.ValueWidth);
    }

    private static Model Refused(string what)
    {
        var graph = new Graph();
        var four = graph.AddInput("four", new TensorType(DType.Float32, new("B", 2, 3, 4)));
        var three = graph.AddInput("three", new TensorType(DType.Float32, new("B", 3, 4)));
        var odd = graph.AddInput("odd", new TensorType(DType.Float32, new("B", 3, 3, 4)));
        var untyped = graph.AddInput("untyped");
        Value?[] inputs = what switch
        {
            "a mask without a type" => [four, four, four, untyped],
            "three axes without heads" => [three, three, three],
            "heads that do not divide" => [odd, four, four],
            "too few inputs" => [four, four],
            "an input left out" => [four, null, four],
            "past keys alone" => [four, four, four, null, four],
            _ => [four, four, four],
        };
        graph.AddOutput(graph.AddNode("Attention", inputs, ["y"]).Outputs[0]!);
        if (what == "an unknown attribute")
            graph.Nodes[0].SetAttribute(NodeAttribute.Of("dropout", 0.5f));
        return new(graph) { OperatorSets = { [""] = 23 } };
    }
}
