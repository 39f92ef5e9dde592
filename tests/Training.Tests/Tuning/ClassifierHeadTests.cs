using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Tests.Networks;
using Anneal.Training.Tuning;
using Anneal.Zoo;

namespace Anneal.Training.Tests.Tuning;

public sealed class ClassifierHeadTests
{
    private static readonly HeadCase[] Small =
    [
        new("AlexNet", SmallNetworks.AlexNet, "fc8", 20, ["fc8_w", "fc8_b"], OutputKind.Probabilities),
        new("VGG", SmallNetworks.Vgg, "classifier6", 12, ["classifier6_w", "classifier6_b"]),
        new("ResNet v1", SmallNetworks.ResNetV1, "dense0", 8, ["dense0_w", "dense0_b"]),
        new("ResNet with view", SmallNetworks.ResNetWithView, "fc", 8, ["fc_w", "fc_b"]),
        new("ResNet v2", SmallNetworks.ResNetV2, "dense", 8, ["dense_w"]),
        new("ResNet v2 features", SmallNetworks.ResNetV2Features, null, 8, ["head.weight", "head.bias"]),
        new("maps", SmallNetworks.Maps, null, 8, ["head.weight", "head.bias"]),
        new("SqueezeNet", SmallNetworks.SqueezeNet, "conv10", 8, ["conv10_w", "conv10_b"], OutputKind.Probabilities),
        new("MobileNetV2", SmallNetworks.MobileNetV2, "pred", 8, ["pred_w"]),
        new("DenseNet", SmallNetworks.DenseNet, "fc6", 12, ["fc6_w", "fc6_b"]),
        new("GoogLeNet", SmallNetworks.GoogLeNet, "loss3", 8, ["classifier_w", "classifier_b"], OutputKind.Probabilities, LeftOut: "loss1_prob_out"),
        new("Inception", SmallNetworks.Inception, "matmul", 8, ["weights_out", "biases"], OutputKind.Logits),
        new("opset 6", SmallNetworks.Opset6, "fc", 8, ["fc_w", "fc_b"]),
        new("opset 6 features", SmallNetworks.Opset6Features, null, 8, ["head.weight", "head.bias"]),
    ];

    private static readonly HeadCase[] Real =
    [
        new("SqueezeNet 1.1", () => Load("squeezenet1.1-fp32-rebuilt.onnx"), "Conv_62", 512, ["conv25.weight", "conv25.bias"]),
        new("ResNet-50 v2", () => Load("resnet50v2-stage1-3-features.onnx"), null, 1024, ["head.weight", "head.bias"], Side: 64),
        new("ResNet-20", () => Load("resnet20-cifar10.onnx"), "Gemm_77", 64, ["fc.weight", "fc.bias"], Side: 32),
        new("CIFAR tutorial", () => Load("cifar10-pytorch-tutorial-winml.onnx"), "Gemm_11", 2400, ["fc1.weight", "fc1.bias"], Side: 32),
        new("MNIST", () => Load("mnist-wonnx-opt.onnx"), "Plus214_Output_0", 256, ["Parameter193_reshape1", "Parameter194"], Side: 28, Channels: 1),
    ];

    private static readonly HeadCase[] Light =
    [
        new("light SqueezeNet", () => LoadLight("squeezenet"), "n62", 512, ["conv10_w_0", "conv10_b_0"], OutputKind.Probabilities),
        new("light Inception v1", () => LoadLight("inception_v1"), "n142", 1024, ["loss3/classifier_w_0", "loss3/classifier_b_0"], OutputKind.Probabilities),
        new("light DenseNet-121", () => LoadLight("densenet121"), "n909", 1024, ["fc6_w_0", "fc6_b_0"]),
        new("light ShuffleNet", () => LoadLight("shufflenet"), "n201", 544, ["gpu_0/pred_w_0", "gpu_0/pred_b_0"], OutputKind.Probabilities),
    ];

    public static TheoryData<HeadCase> SmallCases => [.. Small];

    public static TheoryData<HeadCase> RealCases => [.. Real];

    public static TheoryData<HeadCase> LightCases => [.. Light];

    [Theory]
    [MemberData(nameof(SmallCases))]
    [MemberData(nameof(RealCases))]
    [MemberData(nameof(LightCases))]
    public void The_head_is_found_and_replaced_and_all_else_stays(HeadCase given)
    {
        var model = given.Model();
        var before = OnnxFile.ToBytes(model);
        var head = ClassifierHead.Find(model);
        Assert.Equal((given.Node, given.Node is null, given.Features), (head.Node, head.IsAppended, head.FeatureCount));
        var made = head.WithClasses(3, new Draws(1));
        Assert.Equal(before, OnnxFile.ToBytes(model));
        Assert.Equal(given.Parameters, made.ParameterNames);
        Assert.Equal(OutputKind.Logits, made.OutputKind);
        Assert.Equal(given.Ending is not null, made.Ending is not null);
        Assert.Equal(given.LeftOut is null ? 0 : 1, made.Notices.Count);
        RequireClean(made.Model, model);
        RequireSame(made, model);
    }

    [Theory]
    [MemberData(nameof(SmallCases))]
    [MemberData(nameof(RealCases))]
    public void ONNX_Runtime_runs_the_new_model_at_any_batch_on_the_same_features(HeadCase given)
    {
        var model = given.Model();
        var head = ClassifierHead.Find(model);
        var made = head.WithClasses(3, new Draws(1));
        var (runnable, original) = (AnyBatch(made.Model), AnyBatch(model));
        foreach (var batch in new[] { 1, 7 })
        {
            var x = given.Input(batch);
            var logits = Ort.Run(runnable, x)[0];
            Assert.Equal([batch, 3], logits.Shape[..2].ToArray());
            Assert.Equal(batch * 3, logits.As<float>().Length);
            Assert.True(Ort.Numbers(logits).Distinct().Count() > 1);
            Assert.Equal(Ort.ValueOf(original, head.Features, x), Ort.ValueOf(runnable, head.Features, x));
        }
    }

    [Theory]
    [InlineData("AlexNet")]
    [InlineData("SqueezeNet")]
    [InlineData("GoogLeNet")]
    [InlineData("Inception")]
    public void An_ending_that_was_taken_off_can_be_put_back_under_its_names(string name)
    {
        var given = Small.Single(each => each.Name == name);
        var model = given.Model();
        var made = ClassifierHead.Find(model).WithClasses(3, new Draws(1));
        var restored = made.Ending!.PutBack(made.Model);
        Assert.Equal(given.Ending, made.Ending.OutputKind);
        RequireClean(restored, model);
        var main = model.Graph.Outputs.Single(output => output.Name == made.Ending.Output);
        Assert.Equal(main.Name, Assert.Single(restored.Graph.Outputs).Name);
        Assert.Equal(main.Producer!.Name, restored.Graph.Outputs[0].Producer!.Name);
        var output = Ort.Run(restored, given.Input(2))[0];
        Assert.Equal(2, (int)output.Shape[0]);
        var probabilities = Ort.Numbers(output).Select(x => given.Ending == OutputKind.Probabilities ? x : Math.Exp(x)).ToArray();
        Assert.Equal(2, probabilities.Sum(), 1e-5);
        Assert.Throws<AnnealException>(() => made.Ending.PutBack(restored));
        Assert.Throws<AnnealException>(() => made.Ending.PutBack(SmallNetworks.Maps()));
    }

    [Fact]
    public void Every_form_of_a_head_starts_as_the_same_function_evenly_within_its_bound()
    {
        var (byRow, byColumn) = (Head(SmallNetworks.ResNetV1(), "dense0_w"), Head(SmallNetworks.ResNetV2(), "dense_w"));
        Assert.Equal([3, 8], byRow.Dims);
        Assert.Equal([8, 3], byColumn.Dims);
        var (a, b) = (byRow.ToFloats(), byColumn.ToFloats());
        for (var i = 0; i < a.Length; i++)
            Assert.Equal(a[i], b[(i % 8 * 3) + (i / 8)]);
        var many = ClassifierHead.Find(SmallNetworks.ResNetV1()).WithClasses(2000, new Draws(2));
        foreach (var name in many.ParameterNames)
        {
            var numbers = many.Model.Graph.Find(name)!.Initializer!.ToFloats();
            var bound = 1 / Math.Sqrt(8);
            Assert.InRange(numbers.Max(), 0.99 * bound, bound);
            Assert.InRange(numbers.Min(), -bound, -0.99 * bound);
            Assert.InRange(numbers.Average(x => x * x), 0.9 * bound * bound / 3, 1.1 * bound * bound / 3);
        }
        Assert.NotEqual(a, Head(SmallNetworks.ResNetV1(), "dense0_w", seed: 3).ToFloats());

        static TensorData Head(Model model, string name, ulong seed = 1) => ClassifierHead.Find(model).WithClasses(3, new Draws(seed)).Model.Graph.Find(name)!.Initializer!;
    }

    [Fact]
    public void What_a_Gemm_multiplies_by_is_divided_out_of_what_it_starts_from()
    {
        var made = ClassifierHead.Find(SmallNetworks.Vgg()).WithClasses(500, new Draws(1));
        var bound = 1 / Math.Sqrt(12);
        Assert.InRange(made.Model.Graph.Find("classifier6_w")!.Initializer!.ToFloats().Max(), 1.9 * bound, 2 * bound);
        Assert.InRange(made.Model.Graph.Find("classifier6_b")!.Initializer!.ToFloats().Max(), 0.45 * bound, 0.5 * bound);
    }

    [Fact]
    public void A_choice_overrides_the_rules()
    {
        var model = SmallNetworks.Vgg();
        var appended = ClassifierHead.Find(model, "append");
        Assert.Equal((true, 10), (appended.IsAppended, appended.FeatureCount));
        Assert.Equal(3, ((TensorType)appended.WithClasses(3, default).Model.Graph.Outputs[0].Type!).Shape![1].Value);
        var earlier = ClassifierHead.Find(model, "classifier3");
        var made = earlier.WithClasses(3, default);
        Assert.Equal(("classifier3", 16), (earlier.Node, earlier.FeatureCount));
        Assert.Equal("classifier3_out", made.Model.Graph.Outputs[0].Name);
        Assert.DoesNotContain(made.Model.Graph.Initializers, value => value.Name.StartsWith("classifier6", StringComparison.Ordinal));
        RequireClean(made.Model, model);
        Assert.Equal([7, 3], Ort.Run(made.Model, new Generator(1).Normal([7, 3, 16, 16], 1))[0].Shape.ToArray());
        Assert.Equal("loss1", ClassifierHead.Find(SmallNetworks.GoogLeNet(), "loss1").Node);
        Assert.Equal("fc8", ClassifierHead.Find(SmallNetworks.AlexNet(), "fc8").Node);
    }

    [Theory]
    [InlineData("clasifier6", "'classifier6'")]
    [InlineData("relu3", "Relu 'relu3' cannot be the head")]
    [InlineData("conv1", "cannot be the head")]
    public void A_wrong_choice_is_answered_with_the_nearest_names(string choice, string expected)
    {
        var error = Assert.Throws<AnnealException>(() => ClassifierHead.Find(SmallNetworks.Vgg(), choice));
        Assert.Contains(expected, error.Message);
        Assert.Contains("'append'", error.Message);
    }

    [Fact]
    public void A_quantised_head_is_refused_by_name()
    {
        var error = Assert.Throws<AnnealException>(() => ClassifierHead.Find(Load("mobilenetv2-int8-goku.onnx")));
        Assert.Contains("MatMulInteger 'Gemm_104_MatMul_quant'", error.Message);
    }

    [Fact]
    public void A_Reshape_that_splits_the_classes_is_refused_when_their_number_changes()
    {
        var g = new RawGraph(opset: 13);
        var x = g.Node("Flatten", "flatten", [g.Node("GlobalAveragePool", "pool", [g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3])])]);
        x = g.Gemm("fc", x, 10, 8);
        var model = g.Build((g.Node("Reshape", "split", [x, g.Ints("split_shape", -1, 5, 2)]), [5, 2]));
        var error = Assert.Throws<AnnealException>(() => ClassifierHead.Find(model).WithClasses(4, default));
        Assert.Contains("4 classes", error.Message);
    }

    [Fact]
    public void A_weight_that_something_else_uses_too_is_left_to_it()
    {
        var g = new RawGraph(opset: 13);
        var shared = g.Weight("shared", 8, 8);
        var x = g.Node("Flatten", "flatten", [g.Node("GlobalAveragePool", "pool", [g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3])])]);
        x = g.Relu("relu", g.Node("MatMul", "first", [x, shared]));
        var model = g.Build((g.Node("MatMul", "second", [x, shared]), [8]));
        var made = ClassifierHead.Find(model).WithClasses(3, default);
        Assert.Equal(["shared_1"], made.ParameterNames);
        Assert.Same(model.Graph.Find("shared")!.Initializer, made.Model.Graph.Find("shared")!.Initializer);
    }

    private static void RequireClean(Model made, Model original)
    {
        var known = Checker.Check(original).Select(fault => fault.Rule).ToHashSet();
        Assert.DoesNotContain(Checker.Check(made), fault => fault.Severity == FaultSeverity.Error && !known.Contains(fault.Rule));
        Assert.Equal(original.OperatorSets.ToString(), made.OperatorSets.ToString());
        Assert.Equal(original.IrVersion, made.IrVersion);
        Assert.Equal(original.Metadata.Select(entry => entry.ToString()), made.Metadata.Select(entry => entry.ToString()));
        // What the file says of shapes is what inference finds.
        _ = new InferShapes().Run(UpgradeOpset.Upgraded(made.Copy()));
    }

    private static void RequireSame(NewHead made, Model original)
    {
        foreach (var value in made.Model.Graph.Initializers.Where(value => !made.ParameterNames.Contains(value.Name) && value.Initializer!.DType == DType.Float32))
            Assert.Same(original.Graph.Find(value.Name)!.Initializer, value.Initializer);
        var names = original.Graph.Nodes.Select(node => node.ToString()).ToHashSet();
        Assert.All(made.Model.Graph.Nodes.Where(node => !node.Name.StartsWith("head", StringComparison.Ordinal) && node.Input(1)?.Name != "classifier_w" && node.Input(1)?.Name != "loss3/classifier_w_0"), node => Assert.Contains(node.ToString(), names));
        var output = (TensorType)Assert.Single(made.Model.Graph.Outputs).Type!;
        Assert.Equal(3, output.Shape![1].Value);
        Assert.DoesNotContain(made.Model.Graph.RequiredInputs, input => !original.Graph.RequiredInputs.Any(known => known.Name == input.Name));
    }

    /// <summary>Files that state a batch of 1, and one that reshapes to it, are made to state none.</summary>
    private static Model AnyBatch(Model model)
    {
        var copy = model.Copy();
        foreach (var value in copy.Graph.RequiredInputs.Concat(copy.Graph.Outputs))
            value.Type = (TensorType)value.Type! with { Shape = new(["N", .. ((TensorType)value.Type).Shape!.Skip(1)]) };
        foreach (var target in copy.Graph.Nodes.Where(node => node.OpType == "Reshape").Select(node => node.Inputs[1]!))
            if (target.Initializer?.ToInt64s() is [1, .. var rest])
                copy.Graph.SetInitializer(target, TensorData.Create(target.Name, [-1, .. rest], rest.Length + 1));
        return copy;
    }

    private static Model Load(string file) => OnnxFile.Load(TestData.Require("models", file));

    private static Model LoadLight(string name) => LightWeights.Fill(OnnxFile.Load(TestData.Require("onnx-backend", "light", $"light_{name}.onnx")), seed: 1);
}

/// <summary>A network and what its head is.</summary>
public sealed record HeadCase(
    string Name, Func<Model> Model, string? Node, int Features, string[] Parameters, OutputKind? Ending = null, string? LeftOut = null, int Side = 0, int Channels = 3)
{
    /// <summary>Pictures for it.</summary>
    public Tensor Input(int batch)
    {
        var side = Side > 0 ? Side : Name == "SqueezeNet 1.1" ? 224 : 16;
        return new Generator((ulong)batch).Uniform([batch, Channels, side, side], -1, 1);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
