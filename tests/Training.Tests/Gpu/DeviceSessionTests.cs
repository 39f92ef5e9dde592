using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime;
using Anneal.Tests.Networks;
using Anneal.Training.Graphs;
using Anneal.Training.Nn;
using Anneal.Training.Tests.Engine;

namespace Anneal.Training.Tests.Gpu;

/// <summary>Files on a device: sessions and modules, what they compute there, and what is refused before anything runs.</summary>
[Trait("Category", "Gpu"), Collection("One device")]
public sealed class DeviceSessionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Arithmetic_on_shapes_stays_on_the_processor_and_constants_go_where_they_are_needed()
    {
        var device = DeviceRowTests.Require();
        var x = NamedTensor.Create("x", Enumerable.Range(0, 24).Select(i => (float)i).ToArray(), 2, 3, 4);
        using var here = Open(Shapes(), Device.Cpu);
        using var there = Open(Shapes(), device);
        Assert.Equal(0, BothEngines.Relative(here.Run([x], Stop)[0], there.Run([x], Stop)[0]), 1e-6);
    }

    [Fact]
    public void What_only_steers_a_graph_is_found()
    {
        var graph = Shapes().Graph;
        var steering = Steering.Of(graph);
        Assert.Equal(["first", "rest"], graph.Initializers.Where(steering.Contains).Select(value => value.Name).Order());
        Assert.Equal(["Concat", "Gather", "Shape", "Shape"], graph.Nodes.Where(node => steering.Contains(node.Outputs[0]!)).Select(node => node.OpType).Order());
        var placeless = Placeless.Of(graph, _ => false);
        Assert.Equal(["Concat", "ConstantOfShape", "Gather", "Shape", "Shape"], graph.Nodes.Where(node => placeless.Contains(node.Outputs[0]!)).Select(node => node.OpType).Order());
    }

    [Fact]
    public void Every_node_that_the_device_has_no_kernel_for_is_named_when_the_model_opens()
    {
        var device = DeviceRowTests.Require();
        var builder = new GraphBuilder("bits", OpTable.Version);
        var x = builder.Input("x", DType.Int64, new("N"));
        x = builder.Add(new Elementwise("BitwiseNot"), [x], "first", ["a"]).Outputs[0]!;
        x = builder.Add(new Elementwise("BitwiseNot"), [builder.Elementwise("Add", x, x)], "second", ["b"]).Outputs[0]!;
        builder.Output(x);
        using var here = Open(builder.Build(), Device.Cpu);
        var message = Assert.Throws<DeviceUnavailableException>(() => Open(builder.Build(), device)).Message;
        Assert.Contains($"no kernel for on {device}: BitwiseNot (BitwiseNot 'first', BitwiseNot 'second'). Run it on the processor (--device cpu)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_that_is_made_of_others_is_asked_for_its_parts()
    {
        var builder = new GraphBuilder("parts", OpTable.Version);
        var x = builder.Input("x", DType.Float32, new("N", 6));
        x = builder.Apply(new Anneal.Onnx.Ops.Softmax { Axis = 1 }, x);
        builder.Output(builder.Apply(new Trilu(), x));
        Assert.Empty(MissingKernels.OnGpu(builder.Build()));
        var forms = new GpuForms(builder.Build().Graph);
        Assert.Equal(["Softmax", "Trilu"], forms.Nodes.Select(node => node.OpType));
    }

    [Fact]
    public void A_module_from_a_file_moves_trains_there_and_comes_back()
    {
        var device = DeviceRowTests.Require();
        var (here, there) = (new OnnxModule(Net()), new OnnxModule(Net()));
        there.To(device);
        Assert.All(there.Parameters().Concat<MutableTensor>(there.Buffers()), tensor => Assert.Equal(device, tensor.Device));
        foreach (var module in new[] { here, there })
        {
            module.Train();
            using var scope = TensorScope.Begin();
            var where = module.Parameters().First().Device;
            var loss = Loss.CrossEntropy(module.Forward(new Generator(1).Normal([4, 2, 6, 6]).To(where)), Tensor.From([0L, 1, 2, 0], [4], where));
            loss.Backward();
        }
        foreach (var (expected, found) in here.Parameters().Zip(there.Parameters()))
            Assert.InRange(Compare.Relative(expected.Grad!, found.Grad!.To(Device.Cpu)), 0, 1e-5);
        foreach (var (expected, found) in here.Buffers().Zip(there.Buffers()))
            Assert.InRange(Compare.Relative(expected.Detach(), found.To(Device.Cpu)), 0, 1e-5);
        var state = there.GetState();
        there.To(Device.Cpu);
        Assert.All(there.NamedParameters(), named => Assert.Equal((Device.Cpu, true, null), (named.Parameter.Device, named.Parameter.RequiresGrad, named.Parameter.Grad)));
        Assert.All(there.NamedParameters(), named => Assert.Equal(state[named.Name].ToArray<float>(), named.Parameter.ToArray<float>()));
    }

    [Fact]
    public void An_input_that_lives_elsewhere_is_refused_with_the_names_of_both()
    {
        var device = DeviceRowTests.Require();
        var module = new OnnxModule(Net());
        module.To(device);
        using var off = Grad.Off();
        var x = new Generator(1).Normal([4, 2, 6, 6]);
        x.Name = "picture";
        var message = Assert.Throws<AnnealException>(() => module.Forward(x)).Message;
        Assert.Contains($"'picture' Float32 [4,2,6,6] on cpu and 'range' Float32 [2,1,1] on {device}", message, StringComparison.Ordinal);
        Assert.Throws<DeviceUnavailableException>(() => module.To(Device.OpenCl(63)));
    }

    /// <summary>x [N,3,4] as [N,12], plus twos made for its shape, times what a constant says.</summary>
    private static Model Shapes()
    {
        var builder = new GraphBuilder("shapes", OpTable.Version);
        var x = builder.Input("x", DType.Float32, new("N", 3, 4));
        var n = builder.Apply(new Gather(), builder.Apply(new ShapeOf(), x), builder.Weight("first", TensorData.Create("first", [0L], 1)));
        var shape = builder.Apply(new Concat { Axis = 0 }, n, builder.Weight("rest", TensorData.Create("rest", [-1L], 1)));
        var flat = builder.Apply(new Reshape(), x, shape);
        var twos = builder.Apply(new ConstantOfShape { Value = TensorData.Create("", [2f], 1) }, builder.Apply(new ShapeOf(), flat));
        builder.Output("y", builder.Elementwise("Mul", builder.Elementwise("Add", flat, twos), builder.Weight("factors", TensorData.Create("factors", [.. Enumerable.Range(0, 12).Select(i => (float)i)], 12))));
        return builder.Build();
    }

    /// <summary>A convolution, a number for each channel that stays, a normalisation with a history, a rectifier, a mean and a linear layer.</summary>
    private static Model Net()
    {
        var (b, seeded) = (new GraphBuilder("small"), new SeededWeights(7));
        var x = b.Elementwise("Mul", b.Input("x", DType.Float32, new("N", 2, 6, 6)), b.Weight("range", TensorData.Create("range", [0.5f, 2], 2, 1, 1)));
        x = b.Apply(new Conv { Window = new() { KernelShape = [3, 3], Pads = [1, 1, 1, 1] } }, x, b.Weight("conv.weight", seeded.Weights("conv.weight", 4, 2, 3, 3)));
        x = b.Apply(
            new BatchNormalization { Momentum = 0.8f }, x, b.Weight("norm.weight", seeded.Uniform("norm.weight", 0.5f, 1.5f, 4)), b.Weight("norm.bias", seeded.Uniform("norm.bias", -1, 1, 4)),
            b.Weight("norm.running_mean", seeded.Uniform("norm.running_mean", -1, 1, 4)), b.Weight("norm.running_var", seeded.Uniform("norm.running_var", 1, 2, 4)));
        x = b.Apply(new GlobalAveragePool(), b.Elementwise("Relu", x));
        x = b.Apply(new Reshape(), x, b.Weight("shape", TensorData.Create("shape", [0L, -1], 2)));
        b.Output(b.Apply(new Gemm { TransB = true }, x, b.Weight("fc.weight", seeded.Weights("fc.weight", 3, 4)), b.Weight("fc.bias", seeded.Uniform("fc.bias", -1, 1, 3))));
        return b.Build();
    }

    private static IModelSession Open(Model model, Device device) => new AnnealEngine().Open(ModelSource.FromModel(model), BothEngines.OnCpu with { Device = device });
}
