using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

public sealed class OpTableTests
{
    public static TheoryData<string, string> Operators => [.. OpTable.All.Select(entry => (entry.Domain, entry.Name)).Order()];

    [Theory, MemberData(nameof(Operators))]
    public void An_entry_states_versions_in_order_and_counts_that_are_possible(string domain, string name)
    {
        var entry = OpTable.Find(domain, name)!;
        Assert.Equal(entry.Since.Distinct().Order(), entry.Since);
        Assert.InRange(entry.Since[0], 1, int.MaxValue);
        Assert.InRange(entry.MinInputs, 0, entry.MaxInputs);
        Assert.InRange(entry.MaxOutputs, 1, int.MaxValue);
    }

    [Theory, MemberData(nameof(Operators))]
    public void An_operator_with_all_defaults_writes_only_what_is_required(string domain, string name)
    {
        var blank = OpTable.Find(domain, name)!.Blank;
        var probe = new AttributeProbe();
        blank.Show(probe);
        Assert.Subset(probe.Required, blank.ToAttributes().Select(a => a.Name).ToHashSet());
    }

    [Theory, MemberData(nameof(Operators))]
    public void Attributes_that_are_read_are_written_again_and_make_an_equal_record(string domain, string name)
    {
        var entry = OpTable.Find(domain, name)!;
        var probe = new AttributeProbe();
        var expected = entry.Blank.Show(probe);
        var read = entry.Read(Node(entry, probe.Given));
        Assert.Equal(expected, read);
        Assert.Equal(probe.Given.Select(Text), read.ToAttributes().Select(Text));
        Assert.Equal(read.GetHashCode(), expected.GetHashCode());
        Assert.True(probe.Given.Count == 0 || !read.Equals(entry.Blank));
    }

    [Theory, MemberData(nameof(Operators))]
    public void An_unknown_attribute_is_refused_and_the_known_ones_are_named(string domain, string name)
    {
        var entry = OpTable.Find(domain, name)!;
        var probe = new AttributeProbe();
        entry.Blank.Show(probe);
        var fault = Assert.Throws<InvalidModelException>(() => entry.Read(Node(entry, [.. probe.Given, NodeAttribute.Of("no_such_attribute", 1)])));
        Assert.Contains($"has the attribute 'no_such_attribute', which {name} does not have", fault.Message, StringComparison.Ordinal);
        Assert.All(probe.Given, attribute => Assert.Contains(attribute.Name, fault.Message, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Operators))]
    public void A_required_attribute_that_is_missing_is_named(string domain, string name)
    {
        var entry = OpTable.Find(domain, name)!;
        var probe = new AttributeProbe();
        entry.Blank.Show(probe);
        foreach (var required in probe.Required)
        {
            var fault = Assert.Throws<InvalidModelException>(() => entry.Read(Node(entry, probe.Given.Where(a => a.Name != required && a.Subgraphs.Count == 0))));
            Assert.Contains("lacks the attribute", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_record_holds_a_list_that_compares_by_reference()
    {
        var lists = OpTable.All.Select(entry => entry.Blank.GetType()).Append(typeof(Window)).Distinct()
            .SelectMany(type => type.GetProperties())
            .Where(property => property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>));
        Assert.Empty(lists.Select(property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }

    [Fact]
    public void ONNX_s_own_domain_has_two_spellings() => Assert.Same(OpTable.Find("", "Conv"), OpTable.Find("ai.onnx", "Conv"));

    [Theory]
    [InlineData("", "Conv", null)]
    [InlineData("ai.onnx", "ImageDecoder", "ImageDecoder is not supported. It decodes picture files inside the graph. Give the model pixels instead")]
    [InlineData("", "SequenceMap", "Export the model with one tensor in place of the sequence")]
    [InlineData("", "Konv", "ONNX has no operator of that name as far as this library knows. Look for a misspelling")]
    [InlineData("ai.onnx.ml", "Scaler", "ai.onnx.ml.Scaler is not supported. Operators of this domain are classical machine learning")]
    [InlineData("ai.onnx.preview.training", "Gradient", "Gradient is not supported. It asks for derivatives")]
    [InlineData("com.microsoft", "FusedConv", "It is no operator of ONNX but of whoever wrote the model. Export the model for plain ONNX")]
    public void What_is_not_known_is_said_with_what_to_do_instead(string domain, string name, string? expected)
    {
        var said = OpTable.WhyNot(domain, name);
        Assert.True(expected is null ? said is null : said!.Contains(expected, StringComparison.Ordinal), said);
    }

    [Fact]
    public void Gradient_is_refused_where_a_graph_is_inferred()
    {
        var graph = new Graph();
        graph.AddNode("Gradient", [graph.AddInput("x")], ["dx"]).Domain = "ai.onnx.preview.training";
        Assert.Contains("Gradient of 'dx': ai.onnx.preview.training.Gradient is not supported", Assert.Throws<AnnealException>(() => GraphFacts.Infer(graph)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_and_too_many_inputs_are_refused()
    {
        var conv = OpTable.Find("", "Conv")!;
        var graph = new Graph();
        var x = graph.AddInput("x", new TensorType(DType.Float32));
        Assert.Contains("has 1 inputs; Conv takes 2 to 3", Refusal([x]), StringComparison.Ordinal);
        Assert.Contains("has 4 inputs; Conv takes 2 to 3", Refusal([x, x, x, x]), StringComparison.Ordinal);

        string Refusal(Value[] inputs) => Assert.Throws<InvalidModelException>(() => conv.Read(graph.AddNode("Conv", inputs, [graph.UniqueName("y")]))).Message;
    }

    private static Node Node(OpEntry entry, IEnumerable<NodeAttribute> attributes)
    {
        var graph = new Graph();
        var x = graph.AddInput("x", new TensorType(DType.Float32));
        var node = graph.AddNode(entry.Name, [.. Enumerable.Repeat(x, entry.MinInputs)], ["y"]);
        node.Domain = entry.Domain;
        foreach (var attribute in attributes)
            node.SetAttribute(attribute);
        return node;
    }

    /// <summary>An attribute with its content, so that two can be compared.</summary>
    private static string Text(NodeAttribute attribute) => $"{attribute} " + attribute.Kind switch
    {
        AttributeKind.Int => attribute.AsInt(),
        AttributeKind.Float => attribute.AsFloat(),
        AttributeKind.String => attribute.AsString(),
        AttributeKind.Ints => string.Join(',', attribute.AsInts().ToArray()),
        AttributeKind.Floats => string.Join(',', attribute.AsFloats().ToArray()),
        AttributeKind.Strings => string.Join(',', attribute.AsStrings()),
        AttributeKind.Tensor => attribute.AsTensor(),
        AttributeKind.SparseTensor => attribute.AsSparseTensor().Type,
        AttributeKind.Graph => attribute.AsGraph().Name,
        var other => throw new NotSupportedException($"{other}"),
    };
}
