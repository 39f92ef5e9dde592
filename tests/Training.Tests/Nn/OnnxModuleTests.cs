using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Tests.Networks;
using Anneal.Training.Graphs;
using Anneal.Training.Nn;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Anneal.Training.Tests.Nn;

/// <summary>ONNX models as modules: what is a parameter, what training does to it, and that nothing else changes.</summary>
public sealed class OnnxModuleTests
{
    [Fact]
    public void A_real_network_computes_in_use_what_its_graph_computes()
    {
        var model = OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx"));
        var module = new OnnxModule(model);
        using var off = Grad.Off();
        var x = new Generator(1).Normal([1, 3, 32, 32]);
        Assert.False(module.IsTraining);
        Assert.Empty(module.Notices);
        var y = module.Forward(x);
        Assert.Equal(new GraphRunner(UpgradeOpset.Upgraded(model).Graph).Run(x)[0].ToArray<float>(), y.ToArray<float>());
        Assert.InRange(Compare.Relative(RunInOrt(model, x), y), 0, 1e-5);
    }

    [Theory]
    [InlineData("light_squeezenet.onnx", 52, 0)]
    [InlineData("light_shufflenet.onnx", 150, 98)]
    public void A_light_network_with_seeded_weights_computes_in_use_what_its_graph_computes(string file, int parameters, int buffers)
    {
        var model = Seeded(OnnxFile.Load(TestData.Require("onnx-backend", "light", file)));
        var module = new OnnxModule(model);
        Assert.Equal((parameters, buffers), (module.Parameters().Count(), module.Buffers().Count()));
        using var off = Grad.Off();
        var x = new Generator(1).Normal([1, 3, 224, 224]);
        // The last output is what goes into the Softmax, where no saturation hides a difference.
        var y = module.Run(x)[^1];
        Assert.All(y.ToArray<float>(), score => Assert.True(float.IsFinite(score)));
        Assert.Equal(new GraphRunner(UpgradeOpset.Upgraded(model).Graph).Run(x)[^1].ToArray<float>(), y.ToArray<float>());
        Assert.InRange(Compare.Relative(RunInOrt(model, x), y), 1e-12, 1e-4);
    }

    [Fact]
    public void Parameters_and_statistics_keep_the_names_of_the_file()
    {
        var model = OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx"));
        var module = new OnnxModule(model);
        var norms = model.Graph.Nodes.Where(node => node.OpType == "BatchNormalization").ToArray();
        Assert.Equal(norms.SelectMany(node => new[] { node.Inputs[3]!.Name, node.Inputs[4]!.Name }).Order(), module.NamedBuffers().Select(named => named.Name).Order());
        Assert.Equal(
            model.Graph.Initializers.Where(value => value.Initializer!.DType == DType.Float32).Select(value => value.Name).Except(module.NamedBuffers().Select(named => named.Name)).Order(),
            module.NamedParameters().Select(named => named.Name).Order());
    }

    [Fact]
    public void A_training_step_is_that_of_the_same_network_written_with_layers()
    {
        var (module, layers) = (new OnnxModule(SmallNet().Build()), new SmallLayers());
        var state = module.GetState();
        layers.SetState(layers.GetState().Keys.ToDictionary(name => name, name => name == "norm.num_batches_tracked" ? Tensor.Scalar(0L) : state[name]));
        module.Train();
        foreach (var batch in new[] { 1, 2 })
        {
            var (x, labels) = (new Generator((ulong)batch).Normal([3, 2, 6, 6], 1, 2), Tensor.From(0L, 2, 1));
            foreach (var network in new Module[] { module, layers })
            {
                network.ZeroGrad();
                var loss = Loss.CrossEntropy(network.Forward(x), labels);
                loss.Backward();
            }
            foreach (var (name, parameter) in layers.NamedParameters())
                Assert.InRange(Compare.Relative(parameter.Grad!, Find(module, name).Grad!), 0, 1e-6);
        }
        foreach (var (name, buffer) in layers.NamedBuffers().Take(2))
            Assert.InRange(Compare.Relative(buffer, module.NamedBuffers().Single(named => named.Name == name).Buffer), 0, 1e-6);
        Assert.NotEqual(state["norm.running_mean"].ToArray<float>(), module.GetState()["norm.running_mean"].ToArray<float>());
    }

    [Fact]
    public void What_was_trained_runs_in_ONNX_Runtime_under_its_names()
    {
        var model = SmallNet().Build();
        var module = new OnnxModule(model);
        module.Train();
        var x = new Generator(1).Normal([3, 2, 6, 6], 1, 2);
        var steps = new AdamSteps(module, 0.01);
        var losses = Enumerable.Range(0, 5).Select(_ => steps.Descend(() => Loss.CrossEntropy(module.Forward(x), Tensor.From(0L, 2, 1)))).ToArray();
        Assert.True(losses[^1] < losses[0], string.Join(", ", losses));
        module.Eval();
        foreach (var (name, tensor) in module.GetState())
            model.Graph.SetInitializer(model.Graph.Find(name)!, tensor.ToTensorData());
        using var off = Grad.Off();
        Assert.InRange(Compare.Relative(RunInOrt(model, x), module.Forward(x)), 0, 1e-5);
    }

    [Fact]
    public void A_frozen_normalisation_keeps_its_statistics_in_training()
    {
        var module = new OnnxModule(SmallNet().Build());
        var x = new Generator(1).Normal([3, 2, 6, 6], 1, 2);
        var expected = module.Forward(x).ToArray<float>();
        module.Train();
        module.Freeze("norm.*");
        Assert.Equal(expected, module.Forward(x).ToArray<float>());
        module.Unfreeze("norm.bias");
        Assert.NotEqual(expected, module.Forward(x).ToArray<float>());
    }

    [Fact]
    public void It_computes_in_double_too_and_its_gradient_is_that_of_a_difference_quotient()
    {
        var module = new OnnxModule(SmallNet().Build());
        var x = new Generator(1).Normal([3, 2, 6, 6], 1, 2, DType.Double);
        Assert.InRange(ModuleGradient.Error(module, () => Loss.CrossEntropy(module.Forward(x), Tensor.From(0L, 2, 1))), 0, 1e-6);
        module.Train();
        Assert.InRange(ModuleGradient.Error(module, () => Loss.CrossEntropy(module.Forward(x), Tensor.From(0L, 2, 1))), 0, 1e-6);
    }

    [Fact]
    public void An_initializer_that_two_nodes_use_is_one_parameter()
    {
        var b = new GraphBuilder("shared");
        var x = b.Input("x", DType.Float32, new("N", 3));
        var w = b.Weight("w", TensorData.Create("w", [1f, 2, 3, 4, 5, 6, 7, 8, 9], 3, 3));
        b.Output(b.Apply(new MatMul(), b.Apply(new MatMul(), x, w), w));
        var module = new OnnxModule(b.Build());
        var (name, parameter) = Assert.Single(module.NamedParameters());
        Assert.Equal("w", name);
        module.Forward(Tensor.From([1f, 0, 0], [1, 3])).Sum().Backward();
        // d(x·w·w)/dw: the second use sees x·w = (1, 2, 3), the first passes on the row sums of w to row 0.
        Assert.Equal([1f + 6, 1 + 15, 1 + 24, 2, 2, 2, 3, 3, 3], parameter.Grad!.ToArray<float>());
    }

    [Fact]
    public void What_steers_a_node_or_comes_before_the_first_layer_is_no_parameter()
    {
        var b = new GraphBuilder("rule");
        var x = b.Input("x", DType.Float32, new("N", 2, 4, 4));
        x = b.Elementwise("Sub", x, b.Weight("mean", TensorData.Create("mean", [1f, 2], 2, 1, 1)));
        x = b.Apply(new Conv { Window = new() { KernelShape = [1, 1] } }, x, b.Weight("conv", TensorData.Create("conv", [1f, 2, 3, 4], 2, 2, 1, 1)));
        x = b.Elementwise("Add", x, b.Weight("bias", TensorData.Create("bias", [1f, 2], 2, 1, 1)));
        x = b.Elementwise("Mul", x, b.Weight("factor", TensorData.Scalar("factor", 2f)));
        x = b.Apply(new PRelu(), x, b.Apply(new Unsqueeze(), b.Weight("slope", TensorData.Create("slope", [0.1f, 0.2f], 2)), b.Ints(1, 2)));
        x = b.Apply(new Resize { Mode = "nearest" }, x, null, b.Weight("scales", TensorData.Create("scales", [1f, 1, 2, 2], 4)));
        x = b.Apply(new Clip(), x, b.Weight("least", TensorData.Scalar("least", -100f)), b.Weight("most", TensorData.Scalar("most", 100f)));
        b.Output(x);
        var tensors = new ImportedTensors(ImportedGraph.Prepare(b.Build()));
        Assert.Equal(["bias", "conv", "slope"], tensors.Registered.Select(named => named.Name).Order());
    }

    [Fact]
    public void Statistics_that_the_file_stores_once_are_moved_apart()
    {
        var b = new GraphBuilder("deduplicated");
        var x = b.Input("x", DType.Float32, new("N", 2));
        var (zeros, ones) = (b.Weight("zeros", TensorData.Create("zeros", [0f, 0], 2)), b.Weight("ones", TensorData.Create("ones", [1f, 1], 2)));
        x = b.Apply(new BatchNormalization(), x, ones, zeros, zeros, ones);
        b.Output(b.Apply(new BatchNormalization(), b.Elementwise("Exp", x), ones, zeros, zeros, ones));
        var module = new OnnxModule(b.Build());
        Assert.Equal(["ones", "zeros"], module.NamedParameters().Select(named => named.Name).Order());
        Assert.Equal(4, module.Buffers().Count());
        module.Train();
        module.Forward(new Generator(1).Normal([8, 2], 3));
        Assert.Equal(4, module.Buffers().Select(buffer => buffer.ToArray<float>()[0]).Distinct().Count());
    }

    [Fact]
    public void Weights_in_nodes_Constant_are_parameters_under_the_node_s_output()
    {
        var b = new GraphBuilder("constants");
        var x = b.Input("x", DType.Float32, new("N", 2));
        b.Output(b.Apply(new MatMul(), x, b.Apply(new Constant { Value = TensorData.Create("", [1f, 2, 3, 4], 2, 2) })));
        Assert.Equal([2, 2], Assert.Single(new OnnxModule(b.Build()).Parameters()).Shape);
    }

    [Fact]
    public void Folded_normalisation_is_said_where_a_network_would_have_it()
    {
        var model = UpgradeOpset.Upgraded(ResNetV1.Build(18)).Copy();
        Assert.Empty(new OnnxModule(model).Notices);
        new FoldBatchNorm().Run(model);
        Assert.StartsWith("BatchNormalization seems to be folded into the weights: 20 convolutions have a bias", Assert.Single(new OnnxModule(model).Notices), StringComparison.Ordinal);
        Assert.Empty(new OnnxModule(OnnxFile.Load(TestData.Require("models", "squeezenet1.1-fp32-rebuilt.onnx"))).Notices);
    }

    [Fact]
    public void A_quantised_network_runs_and_is_not_trained()
    {
        var b = new GraphBuilder("quantised");
        var x = b.Input("x", DType.Float32, new("N", 3));
        var (scale, zero) = (b.Weight("scale", TensorData.Scalar("scale", 0.1f)), b.Weight("zero", TensorData.Scalar("zero", (byte)128)));
        x = b.Apply(new DequantizeLinear(), b.Apply(new QuantizeLinear(), x, scale, zero), scale, zero);
        b.Output(b.Elementwise("Relu", x));
        var module = new OnnxModule(b.Build());
        Assert.Equal(["The model is quantised and cannot be trained: 2 of its nodes compute with rounded numbers."], module.Notices);
        var network = new Sequential(new Linear(3, 3), module);
        network.Eval();
        var error = Assert.Throws<AnnealException>(network.Train);
        Assert.StartsWith("OnnxModule '1' cannot be trained: 2 of its nodes compute with rounded numbers, which have no slope (QuantizeLinear", error.Message, StringComparison.Ordinal);
        Assert.False(network.IsTraining);
        Assert.Contains("Grad.Off()", Assert.Throws<AnnealException>(() => module.Forward(Tensor.Ones([1, 3]))).Message, StringComparison.Ordinal);
        using var off = Grad.Off();
        Assert.Equal([0.3f, 0, 0], module.Forward(Tensor.From([0.32f, -1, 0.04f], [1, 3])).ToArray<float>());
    }

    [Fact]
    public void A_real_quantised_network_runs_and_is_not_trained()
    {
        var module = new OnnxModule(OnnxFile.Load(TestData.Require("models", "mobilenetv2-int8-goku.onnx")));
        Assert.Contains("rounded numbers", Assert.Single(module.Notices), StringComparison.Ordinal);
        Assert.Contains("ConvInteger", Assert.Throws<AnnealException>(module.Train).Message, StringComparison.Ordinal);
        using var off = Grad.Off();
        Assert.All(module.Forward(new Generator(1).Normal([1, 3, 224, 224])).ToArray<float>(), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void Weights_given_to_functions_and_weights_in_branches_are_parameters_too()
    {
        var body = new GraphBuilder("body");
        body.Output("f", body.Apply(new MatMul(), body.Input("a", DType.Float32), body.Input("m", DType.Float32)));
        var b = new GraphBuilder("caller");
        b.Define(body.BuildFunction("own", "Product"));
        var type = new TensorType(DType.Float32, new("N", 2));
        var x = b.Call("own", "Product", [b.Input("x", DType.Float32, new("N", 2)), b.Weight("called", TensorData.Create("called", [1f, 0, 0, 1], 2, 2))], [type])[0];
        b.Output(b.If(
            b.Elementwise("Greater", b.Apply(new Anneal.Onnx.Ops.Reduction("ReduceSum") { Keepdims = false }, x), b.Scalar(0f)),
            branch => [branch.Apply(new MatMul(), x, branch.Weight("above", TensorData.Create("above", [2f, 0, 0, 2], 2, 2)))],
            branch => [branch.Apply(new MatMul(), x, branch.Weight("below", TensorData.Create("below", [3f, 0, 0, 3], 2, 2)))])[0]);
        var module = new OnnxModule(b.Build());
        Assert.Equal(["above", "below", "called"], module.NamedParameters().Select(named => named.Name).Order());
        module.Forward(Tensor.From([1f, 1], [1, 2])).Sum().Backward();
        Assert.Equal([2f, 2, 2, 2], Find(module, "called").Grad!.ToArray<float>());
        Assert.Equal([1f, 1, 1, 1], Find(module, "above").Grad!.ToArray<float>());
        Assert.Null(Find(module, "below").Grad);
    }

    [Fact]
    public void Several_inputs_and_outputs_are_reached_by_name_and_by_place()
    {
        var b = new GraphBuilder("several");
        var (p, q) = (b.Input("p", DType.Float32, new("N", 2)), b.Input("q", DType.Float32, new("N", 2)));
        b.Output("sum", b.Elementwise("Add", p, q));
        b.Output("difference", b.Elementwise("Sub", p, q));
        var module = new OnnxModule(b.Build());
        Assert.Equal(["p", "q"], module.InputNames);
        Assert.Equal(["sum", "difference"], module.OutputNames);
        var (one, two) = (Tensor.From([1f, 1], [1, 2]), Tensor.From([2f, 2], [1, 2]));
        Assert.Equal([-1f, -1], module.Run(one, two)[1].ToArray<float>());
        Assert.Equal([3f, 3], module.Run(new Dictionary<string, Tensor> { ["q"] = two, ["p"] = one })["sum"].ToArray<float>());
        Assert.Contains("takes 2 inputs (p, q)", Assert.Throws<AnnealException>(() => module.Forward(one)).Message, StringComparison.Ordinal);
        Assert.Contains("takes the inputs p, q; p were given", Assert.Throws<AnnealException>(() => module.Run(new Dictionary<string, Tensor> { ["p"] = one })).Message, StringComparison.Ordinal);
        Assert.Contains("input 'q' is", Assert.Throws<ShapeMismatchException>(() => module.Run(one, Tensor.Ones([1, 3]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_nodes_drop_in_training_alone()
    {
        var b = new GraphBuilder("dropout");
        var x = b.Input("x", DType.Float32, new("N", 1000));
        var ratio = b.Weight("ratio", TensorData.Scalar("ratio", 0.25f));
        b.Output(b.Apply(new Anneal.Onnx.Ops.Dropout(), x, ratio));
        foreach (var value in b.ApplyMany(2, new Anneal.Onnx.Ops.Dropout(), x, ratio))
            b.Output(value);
        var module = new OnnxModule(b.Build(), new Generator(1));
        var ones = Tensor.Ones([1, 1000]);
        Assert.Equal([1000.0, 1000, 1000], module.Run(ones).Select(output => output.To(DType.Float32).Sum().Item()));
        module.Train();
        var outputs = module.Run(ones);
        Assert.InRange(outputs[0].ToArray<float>().Count(e => e == 0), 250 - 69, 250 + 69);
        Assert.NotEqual(outputs[0].ToArray<float>(), outputs[1].ToArray<float>());
        Assert.Equal(outputs[1].ToArray<float>().Select(e => e != 0), outputs[2].ToArray<bool>());
    }

    private static Parameter Find(ModuleBase module, string name) => module.NamedParameters().Single(named => named.Name == name).Parameter;

    /// <summary>A convolution, a normalisation with a history, a rectifier, a mean and a linear layer.</summary>
    private static GraphBuilder SmallNet()
    {
        var (b, seeded) = (new GraphBuilder("small"), new SeededWeights(7));
        var x = b.Input("x", DType.Float32, new("N", 2, 6, 6));
        x = b.Apply(new Conv { Window = new() { KernelShape = [3, 3], Pads = [1, 1, 1, 1] } }, x, b.Weight("conv.weight", seeded.Weights("conv.weight", 4, 2, 3, 3)));
        x = b.Apply(
            new BatchNormalization { Momentum = 0.8f }, x, b.Weight("norm.weight", seeded.Uniform("norm.weight", 0.5f, 1.5f, 4)), b.Weight("norm.bias", seeded.Uniform("norm.bias", -1, 1, 4)),
            b.Weight("norm.running_mean", seeded.Uniform("norm.running_mean", -1, 1, 4)), b.Weight("norm.running_var", seeded.Uniform("norm.running_var", 1, 2, 4)));
        x = b.Apply(new GlobalAveragePool(), b.Elementwise("Relu", x));
        x = b.Apply(new Anneal.Onnx.Ops.Flatten(), x);
        b.Output(b.Apply(new Gemm { TransB = true }, x, b.Weight("fc.weight", seeded.Weights("fc.weight", 3, 4)), b.Weight("fc.bias", seeded.Uniform("fc.bias", -1, 1, 3))));
        return b;
    }

    /// <summary>Weights instead of what light models make of shapes: numbers that keep signals of a sane size.</summary>
    private static Model Seeded(Model model)
    {
        var (seeded, graph) = (new SeededWeights(3), model.Graph);
        foreach (var node in graph.Nodes.Where(node => node.OpType == "ConstantOfShape").ToArray())
        {
            var (old, shape) = (node.Outputs[0]!, node.Inputs[0]!.Initializer!.ToInt64s());
            var value = graph.AddInitializer(shape.Length > 1 ? seeded.Weights(graph.UniqueName("seeded"), shape) : seeded.Uniform(graph.UniqueName("seeded"), 0.5f, 1, shape));
            graph.ReplaceAllUses(old, value);
            graph.Remove(node);
            graph.Rename(value, old.Name);
            if (model.IrVersion < 4)
                graph.MakeInput(value);
        }
        foreach (var output in graph.Outputs.ToArray())
            if (output.Producer is { OpType: "Softmax" } softmax)
                graph.AddOutput(softmax.Inputs[0]!);
        graph.Outputs[^1].Type ??= new TensorType(DType.Float32);
        return model;
    }

    private static Tensor RunInOrt(Model model, Tensor x)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(OnnxFile.ToBytes(model), options);
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], new DenseTensor<float>(x.ToArray<float>(), [.. x.Shape]))]);
        var y = outputs[^1].AsTensor<float>();
        return Tensor.From(y.ToArray(), TensorShape.Of(y.Dimensions));
    }

    private sealed class SmallLayers : Module
    {
        private readonly Conv2d _conv;
        private readonly BatchNorm2d _norm;
        private readonly Linear _fc;

        public SmallLayers()
        {
            _conv = Register("conv", new Conv2d(2, 4, 3, padding: 1, bias: false));
            _norm = Register("norm", new BatchNorm2d(4, momentum: 0.2));
            _fc = Register("fc", new Linear(4, 3));
        }

        protected override Tensor Compute(Tensor x) => _fc.Forward(_norm.Forward(_conv.Forward(x)).Relu().Mean(2, 3));
    }
}
