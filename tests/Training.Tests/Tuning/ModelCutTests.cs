using Anneal.Onnx;
using Anneal.Training.Tuning;

namespace Anneal.Training.Tests.Tuning;

public sealed class ModelCutTests
{
    private static readonly CutCase[] Cases =
    [
        new("AlexNet", SmallNetworks.AlexNet, "relu6_out"),
        new("VGG", SmallNetworks.Vgg, "relu3_out"),
        new("ResNet v1", SmallNetworks.ResNetV1, "flatten_out"),
        new("ResNet with view", SmallNetworks.ResNetWithView, "view1_out"),
        new("ResNet v2", SmallNetworks.ResNetV2, "flatten_out"),
        new("ResNet v2 features", SmallNetworks.ResNetV2Features, "flatten_out"),
        new("maps", SmallNetworks.Maps, "head.flatten_output"),
        new("SqueezeNet", SmallNetworks.SqueezeNet, "fire_out"),
        new("MobileNetV2", SmallNetworks.MobileNetV2, "pool_out"),
        new("DenseNet", SmallNetworks.DenseNet, "pool_out"),
        new("GoogLeNet", SmallNetworks.GoogLeNet, "pool5_out"),
        new("Inception", SmallNetworks.Inception, "mean_out"),
        new("opset 6", SmallNetworks.Opset6, "squeeze_out"),
    ];

    public static TheoryData<CutCase> CutCases => [.. Cases];

    [Theory]
    [MemberData(nameof(CutCases))]
    public void The_part_before_a_new_head_is_cut_off_and_both_halves_compute_what_the_whole_does(CutCase given)
    {
        var head = ClassifierHead.Find(given.Model()).WithClasses(3, new Draws(1));
        var cut = ModelCut.Leading(head.Model, head.ParameterNames.Contains)!;
        Assert.Equal(given.Value, cut.Value);
        RequireHalves(head.Model, cut);
        Assert.All(head.ParameterNames, name => Assert.Null(cut.Front.Graph.Find(name)));
        Assert.All(head.ParameterNames, name => Assert.NotNull(cut.Rest.Graph.Find(name)));
        Assert.All(cut.Rest.Graph.Initializers, value => Assert.Null(value.Initializer!.DType == DType.Float32 ? cut.Front.Graph.Find(value.Name) : null));
        RequireSameBits(head.Model, cut, new Generator(1).Normal([3, 3, 16, 16], 1));
    }

    [Fact]
    public void A_real_network_is_cut_before_its_head_and_at_the_value_asked_for()
    {
        var model = OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx"));
        var head = ClassifierHead.Find(model).WithClasses(5, new Draws(1));
        var cut = ModelCut.Leading(head.Model, head.ParameterNames.Contains)!;
        Assert.Equal("207", cut.Value);
        RequireSameBits(head.Model, cut, new Generator(1).Normal([1, 3, 32, 32], 1));
        RequireSameBits(model, ModelCut.At(model, "198"), new Generator(2).Normal([1, 3, 32, 32], 1));
    }

    [Fact]
    public void The_leading_part_ends_before_the_first_thing_that_is_trained()
    {
        var model = SmallNetworks.ResNetV2();
        Assert.Equal("conv1_out", ModelCut.Leading(model, name => name.StartsWith("bn1", StringComparison.Ordinal))!.Value);
        Assert.Equal("conv1_out", ModelCut.Leading(model, name => name == "conv2_w")!.Value);
        Assert.Equal("plus_out", ModelCut.Leading(model, name => name == "bn2_mean")!.Value);
        Assert.Null(ModelCut.Leading(model, name => name == "conv1_w"));
        Assert.Null(ModelCut.Leading(model, _ => true));
        Assert.Equal("flatten_out", ModelCut.Leading(model, _ => false)!.Value);
    }

    [Fact]
    public void What_is_computed_of_a_trained_constant_counts_as_trained()
    {
        var model = SmallNetworks.DenseNet();
        Assert.Equal("bn_out", ModelCut.Leading(model, name => name == "scale_w")!.Value);
        Assert.Equal("scale_out", ModelCut.Leading(model, name => name == "shift_b")!.Value);
    }

    [Fact]
    public void Preprocessing_in_the_file_belongs_to_the_front()
    {
        var g = new RawGraph(opset: 13);
        var x = g.Node("Div", "scaled", [g.Node("Sub", "centred", [g.Input(), g.Constant(TensorData.Create("mean", [1f, 2, 3], 3, 1, 1))]), g.Constant(TensorData.Scalar("std", 2f))]);
        x = g.Node("GlobalAveragePool", "pool", [g.Conv("conv", x, [8, 3, 3, 3])]);
        var model = g.Build((x, [8, 1, 1]));
        var cut = ModelCut.Leading(model, name => name == "conv_w")!;
        Assert.Equal("scaled_out", cut.Value);
        Assert.Equal(["mean", "std"], cut.Front.Graph.Initializers.Select(value => value.Name));
        RequireSameBits(model, cut, new Generator(1).Normal([2, 3, 16, 16], 1));
    }

    [Fact]
    public void What_both_halves_need_and_no_input_decides_is_in_both()
    {
        var g = new RawGraph(opset: 13);
        var shared = g.Node("Mul", "twice", [g.Vector("shared", 8), g.Constant(TensorData.Scalar("two", 2f))]);
        var x = g.Node("Add", "first", [g.Node("Flatten", "flat", [g.Node("GlobalAveragePool", "pool", [g.Conv("conv", g.Input(), [8, 3, 3, 3])])]), shared]);
        var model = g.Build((g.Node("Mul", "second", [g.Relu("relu", x), shared]), [8]));
        var cut = ModelCut.At(model, "relu_out");
        Assert.All(new[] { cut.Front, cut.Rest }, half => Assert.NotNull(half.Graph.Find("shared")?.Initializer));
        RequireHalves(model, cut);
        RequireSameBits(model, cut, new Generator(1).Normal([2, 3, 16, 16], 1));
    }

    [Fact]
    public void A_subgraph_that_takes_a_value_from_outside_is_followed()
    {
        var model = WithBranch();
        RequireSameBits(model, ModelCut.At(model, "conv_out"), new Generator(1).Normal([2, 3, 16, 16], 1));
        var error = Assert.Throws<AnnealException>(() => ModelCut.At(model, "relu_out"));
        Assert.Contains("'conv_out'", error.Message);
        Assert.Null(ModelCut.Leading(model, name => name == "conv_w"));
    }

    [Fact]
    public void A_second_input_that_is_used_behind_is_in_the_way()
    {
        var g = new RawGraph(opset: 13);
        var (x, y) = (g.Relu("relu", g.Input()), g.Input("more"));
        var model = g.Build((g.Node("Exp", "exp", [g.Node("Add", "sum", [x, y])]), [3, 16, 16]));
        Assert.Contains("'more'", Assert.Throws<AnnealException>(() => ModelCut.At(model, "relu_out")).Message);
        var cut = ModelCut.At(model, "sum_out");
        Assert.Equal(["data", "more"], cut.Front.Graph.Inputs.Select(input => input.Name));
        Assert.Equal(["sum_out"], cut.Rest.Graph.Inputs.Select(input => input.Name));
        Assert.Equal("sum_out", ModelCut.Leading(model, _ => false)!.Value);
    }

    [Theory]
    [InlineData("conv2_out", "'conv1_out'")]
    [InlineData("data", "an input")]
    [InlineData("dense_out", "an output")]
    [InlineData("dense_w", "constant")]
    [InlineData("flaten_out", "'flatten_out'")]
    public void A_place_where_no_cut_is_possible_is_refused_by_name(string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<AnnealException>(() => ModelCut.At(SmallNetworks.ResNetV2(), value)).Message);

    private static Model WithBranch()
    {
        var g = new RawGraph(opset: 13);
        var conv = g.Conv("conv", g.Input(), [8, 3, 3, 3]);
        var relu = g.Relu("relu", conv);
        var condition = g.Node("Greater", "positive", [g.Node("ReduceMax", "top", [relu], RawGraph.Single("keepdims", 0)), g.Constant(TensorData.Scalar("zero", 0f))]);
        var chosen = g.Node("If", "choice", [condition]);
        foreach (var (branch, operation) in new[] { ("then_branch", "Neg"), ("else_branch", "Abs") })
        {
            var body = chosen.Producer!.AddSubgraph(branch, branch);
            var value = body.AddNode(operation, [conv], [$"{branch}_value"]).Outputs[0]!;
            value.Type = new TensorType(DType.Float32, new("N", 8, 16, 16));
            body.AddOutput(value);
        }
        return g.Build((g.Node("Exp", "exp", [chosen]), [8, 16, 16]));
    }

    private static void RequireHalves(Model model, ModelCut cut)
    {
        foreach (var half in new[] { cut.Front, cut.Rest })
        {
            Assert.DoesNotContain(Checker.Check(half), fault => fault.Severity == FaultSeverity.Error);
            Assert.Equal((model.OperatorSets.ToString(), model.IrVersion), (half.OperatorSets.ToString(), half.IrVersion));
        }
        Assert.Equal(cut.Value, Assert.Single(cut.Front.Graph.Outputs).Name);
        Assert.Equal(cut.Value, Assert.Single(cut.Rest.Graph.RequiredInputs).Name);
    }

    /// <summary>ONNX Runtime joins neighbours into one operator; the whole gives the value too, so that it cannot join across the cut.</summary>
    private static void RequireSameBits(Model model, ModelCut cut, Tensor x)
    {
        var whole = model.Copy();
        var value = whole.Graph.Find(cut.Value)!;
        value.Type ??= cut.Front.Graph.Outputs[0].Type;
        whole.Graph.AddOutput(value);
        var expected = Ort.Run(whole, x);
        var middle = Ort.Run(cut.Front, x)[0];
        Assert.Equal(Ort.Numbers(expected[^1]), Ort.Numbers(middle));
        var rest = Ort.Run(cut.Rest, Tensor.From<float>(middle.As<float>().Span, TensorShape.Of(Shape.Of(middle.Shape))));
        foreach (var (whole_, half) in expected.Zip(rest))
            Assert.Equal(Ort.Numbers(whole_), Ort.Numbers(half));
    }
}

/// <summary>A network and where it is cut before its head.</summary>
public sealed record CutCase(string Name, Func<Model> Model, string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
