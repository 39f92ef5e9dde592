using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Tests.Networks;
using Anneal.Training.Export;
using Anneal.Training.Nn;
using Anneal.Training.Tests.Engine;

namespace Anneal.Training.Tests.Export;

/// <summary>A model that became a module comes back as it was, but for what was trained.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    /// <summary>File, and whether ONNX Runtime and our engine are held against each other only in long runs.</summary>
    public static TheoryData<string, bool> Files => new()
    {
        { "models/cifar10-pytorch-tutorial-winml.onnx", false },
        { "models/mnist-wonnx-opt.onnx", false },
        { "models/resnet20-cifar10.onnx", false },
        { "models/squeezenet1.1-fp32-rebuilt.onnx", true },
        { "models/resnet50v2-stage1-3-features.onnx", true },
        { "models/mobilenetv2-int8-goku.onnx", true },
        { "onnx-backend/light/light_bvlc_alexnet.onnx", true },
        { "onnx-backend/light/light_densenet121.onnx", true },
        { "onnx-backend/light/light_inception_v1.onnx", true },
        { "onnx-backend/light/light_inception_v2.onnx", true },
        { "onnx-backend/light/light_resnet50.onnx", true },
        { "onnx-backend/light/light_shufflenet.onnx", true },
        { "onnx-backend/light/light_squeezenet.onnx", true },
        { "onnx-backend/light/light_vgg19.onnx", true },
        { "onnx-backend/light/light_zfnet512.onnx", true },
    };

    [Theory, MemberData(nameof(Files))]
    public void A_file_that_was_not_trained_comes_back_byte_for_byte(string file, bool isLong)
    {
        _ = isLong;
        var model = OnnxFile.Load(TestData.Require(file.Split('/')));
        Assert.True(OnnxFile.ToBytes(model).AsSpan().SequenceEqual(OnnxFile.ToBytes(OnnxExport.ToModel(new OnnxModule(model)))));
    }

    [Theory, MemberData(nameof(Files))]
    public void A_saved_file_gives_in_ONNX_Runtime_what_the_module_gives(string file, bool isLong)
    {
        LongRun.Require(isLong);
        using var folder = new TempFolder();
        var path = TestData.Require(file.Split('/'));
        var report = OnnxExport.Save(new OnnxModule(OnnxFile.Load(path)), folder["out.onnx"], cancellation: TestContext.Current.CancellationToken);
        output.WriteLine($"{file}: {report.LargestDifference:g2} at {string.Join(", ", report.Batches)}; {string.Join(" ", report.Notices)}");
        var (before, after) = (OnnxFile.Load(path), OnnxFile.Load(report.Path));
        Assert.Equal(before.Graph.Nodes.Select(node => $"{node.Name} {node}"), after.Graph.Nodes.Select(node => $"{node.Name} {node}".Replace("_any_batch", "", StringComparison.Ordinal)));
        Assert.Equal(before.OperatorSets.ToString(), after.OperatorSets.ToString());
        Assert.Equal(before.Metadata.Select(entry => entry.ToString()), after.Metadata.Select(entry => entry.ToString()));
        foreach (var weight in before.Graph.Initializers.Where(value => value.Initializer!.DType.IsFloat()))
            Assert.True(weight.Initializer!.Bytes.Span.SequenceEqual(after.Graph.Find(weight.Name)!.Initializer!.Bytes.Span), weight.Name);
    }

    [Theory]
    [InlineData("resnet18", true)]
    [InlineData("alexnet", true)]
    [InlineData("caffe alexnet", true)]
    [InlineData("resnet50", true)]
    [InlineData("resnet101", true)]
    [InlineData("vgg16", true)]
    public void A_full_size_network_comes_back_byte_for_byte(string name, bool isLong)
    {
        LongRun.Require(isLong);
        var model = name switch
        {
            "alexnet" => TorchvisionAlexNet.Build(),
            "caffe alexnet" => CaffeAlexNet.Build(),
            "resnet18" => ResNetV1.Build(18),
            "resnet50" => ResNetV1.Build(50),
            "resnet101" => ResNetV1.Build(101),
            _ => Vgg16.Build(),
        };
        AssertSameTensors(model, OnnxExport.ToModel(new OnnxModule(model)));
    }

    [Fact]
    public void Every_conformance_model_that_becomes_a_module_comes_back_byte_for_byte()
    {
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(TestData.Require("onnx-backend"), "model.onnx", SearchOption.AllDirectories).Where(path => !path.Contains("/node/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var model = OnnxFile.Load(path);
            if (TryMake(model) is not { } module)
                continue;
            Assert.True(OnnxFile.ToBytes(model).AsSpan().SequenceEqual(OnnxFile.ToBytes(OnnxExport.ToModel(module))), path);
            count++;
        }
        output.WriteLine($"{count} models");
        Assert.InRange(count, 60, 1000);
    }

    [Fact]
    public void Only_what_was_trained_differs()
    {
        var model = OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx"));
        var module = new OnnxModule(model);
        var (name, parameter) = module.NamedParameters().ElementAt(4);
        parameter.Assign(parameter.Detach() * 2);
        var changed = OnnxExport.ToModel(module);
        var different = model.Graph.Initializers.Where(value => !ReferenceEquals(value.Initializer, changed.Graph.Find(value.Name)!.Initializer)).Select(value => value.Name);
        Assert.Equal([name], different);
        Assert.Equal(parameter.ToArray<float>(), changed.Graph.Find(name)!.Initializer!.ToFloats());
        changed.Graph.SetInitializer(changed.Graph.Find(name)!, model.Graph.Find(name)!.Initializer);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(changed));
    }

    [Fact]
    public void A_module_that_went_to_double_and_was_not_trained_comes_back_byte_for_byte()
    {
        var model = OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx"));
        var module = new OnnxModule(model);
        module.To(DType.Double);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxExport.ToModel(module)));
    }

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.Double)]
    [InlineData(DType.BFloat16)]
    public void Weights_of_other_types_come_back_byte_for_byte(DType dtype)
    {
        var bytes = Enumerable.Range(0, 9 * dtype.Bits() / 8).Select(i => (byte)(i * 7 % 60)).ToArray();
        var b = new GraphBuilder("other");
        var x = b.Input("x", dtype, new("N", 3));
        b.Output("y", b.Apply(new MatMul(), x, b.Weight("w", TensorData.FromBytes("w", dtype, [3, 3], bytes))));
        var model = b.Build();
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxExport.ToModel(new OnnxModule(model))));
    }

    [Theory]
    [InlineData("value")]
    [InlineData("value_floats")]
    public void A_weight_in_a_node_Constant_goes_back_into_the_node(string attribute)
    {
        var b = new GraphBuilder("constants");
        var x = b.Input("x", DType.Float32, new("N", 2));
        var constant = attribute == "value" ? new Constant { Value = TensorData.Create("inner", [1f, 2], 2) } : new Constant { ValueFloats = [1f, 2] };
        x = b.Apply(new MatMul(), x, b.Weight("w", TensorData.Create("w", [1f, 2, 3, 4], 2, 2)));
        b.Output("y", b.Elementwise("Add", x, b.Apply(constant)));
        var model = b.Build();
        var node = model.Graph.Nodes.Single(node => node.OpType == "Constant");
        node.Attributes[0].DocString = "kept";
        var module = new OnnxModule(model);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxExport.ToModel(module)));
        module.NamedParameters().Single(named => named.Name == node.Outputs[0]!.Name).Parameter.Assign(Tensor.From(5f, 6));
        var changed = OnnxExport.ToModel(module).Graph.Nodes.Single(other => other.OpType == "Constant");
        Assert.Equal("kept", changed.Attribute(attribute)!.DocString);
        Assert.Equal([5f, 6], attribute == "value" ? changed.Attribute(attribute)!.AsTensor().ToFloats() : changed.Attribute(attribute)!.AsFloats().ToArray());
        Assert.Equal("[1,2]", $"[{string.Join(',', attribute == "value" ? node.Attributes[0].AsTensor().ToFloats() : node.Attributes[0].AsFloats().ToArray())}]");
    }

    /// <summary>One tensor is the bias of two nodes and the mean of both: each of the three may change by itself.</summary>
    [Fact]
    public void A_statistic_that_was_stored_with_others_stands_alone_only_when_it_has_changed()
    {
        var model = Deduplicated();
        var module = new OnnxModule(model);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxExport.ToModel(module)));
        var means = module.NamedBuffers().Where(named => named.Name.StartsWith("zeros", StringComparison.Ordinal)).ToList();
        means[1].Buffer.Assign(Tensor.From(7f, 8));
        var changed = OnnxExport.ToModel(module);
        var norms = changed.Graph.Nodes.Where(node => node.OpType == "BatchNormalization").ToList();
        Assert.Equal(["zeros", "zeros", "zeros", "zeros_2"], norms.SelectMany(node => new[] { node.Inputs[2]!.Name, node.Inputs[3]!.Name }));
        Assert.Equal([7f, 8], changed.Graph.Find("zeros_2")!.Initializer!.ToFloats());
        Assert.Equal(["ones", "zeros", "zeros_2"], changed.Graph.Initializers.Select(value => value.Name).Order());
    }

    [Fact]
    public void A_statistic_keeps_its_numbers_when_what_it_was_stored_with_changes()
    {
        var module = new OnnxModule(Deduplicated());
        module.NamedParameters().Single(named => named.Name == "zeros").Parameter.Assign(Tensor.From(7f, 8));
        var changed = OnnxExport.ToModel(module);
        Assert.All(changed.Graph.Nodes.Where(node => node.OpType == "BatchNormalization"), node =>
        {
            Assert.Equal([7f, 8], node.Inputs[2]!.Initializer!.ToFloats());
            Assert.Equal([0f, 0], node.Inputs[3]!.Initializer!.ToFloats());
        });
        using var off = Grad.Off();
        var x = new Generator(1).Normal([3, 2]);
        Assert.Equal(module.Forward(x).ToArray<float>(), new OnnxModule(changed).Forward(x).ToArray<float>());
    }

    [Fact]
    public void A_trained_old_file_keeps_its_operator_set_and_its_inputs()
    {
        var model = OnnxFile.Load(TestData.Require("onnx-backend", "light", "light_shufflenet.onnx"));
        var module = new OnnxModule(model);
        Assert.All(module.Buffers(), buffer => buffer.Assign(buffer.Detach() + 1));
        var changed = OnnxExport.ToModel(module);
        Assert.Equal((model.IrVersion, model.OperatorSets.ToString()), (changed.IrVersion, changed.OperatorSets.ToString()));
        Checker.Require(changed);
        using var off = Grad.Off();
        var x = new Generator(1).Normal([1, 3, 224, 224]);
        Assert.Equal(module.Forward(x).ToArray<float>(), new OnnxModule(changed).Forward(x).ToArray<float>());
    }

    [Fact]
    public void A_weight_inside_a_function_goes_back_into_it_where_all_calls_agree()
    {
        var inner = new GraphBuilder("body");
        var a = inner.Input("a", DType.Float32);
        inner.Output(inner.Apply(new MatMul(), a, inner.Apply(new Constant { Value = TensorData.Create("", [1f, 2, 3, 4], 2, 2) })));
        var b = new GraphBuilder("calls");
        b.Define(inner.BuildFunction("own", "Layer"));
        var x = b.Input("x", DType.Float32, new("N", 2));
        var y = b.Call("own", "Layer", [x], [new TensorType(DType.Float32, new("N", 2))])[0];
        b.Output(b.Call("own", "Layer", [y], [new TensorType(DType.Float32, new("N", 2))])[0]);
        var model = b.Build();
        var module = new OnnxModule(model);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxExport.ToModel(module)));
        var weights = module.Parameters().ToList();
        Assert.Equal(2, weights.Count);
        weights[0].Assign(weights[0].Detach() * 2);
        Assert.Contains("has changed in one call of a function", Assert.Throws<AnnealException>(() => OnnxExport.ToModel(module)).Message, StringComparison.Ordinal);
        weights[1].Assign(weights[1].Detach() * 2);
        var constant = OnnxExport.ToModel(module).Functions[0].Body.Nodes.Single(node => node.OpType == "Constant");
        Assert.Equal([2f, 4, 6, 8], constant.Attributes[0].AsTensor().ToFloats());
    }

    private static void AssertSameTensors(Model expected, Model found)
    {
        Assert.Equal(expected.Graph.Nodes.Select(node => $"{node.Name} {node}"), found.Graph.Nodes.Select(node => $"{node.Name} {node}"));
        Assert.Equal(expected.Graph.Initializers.Select(value => value.Name), found.Graph.Initializers.Select(value => value.Name));
        foreach (var (a, b) in expected.Graph.Initializers.Zip(found.Graph.Initializers))
            Assert.True(a.Initializer!.Bytes.Span.SequenceEqual(b.Initializer!.Bytes.Span), a.Name);
    }

    private static OnnxModule? TryMake(Model model)
    {
        try
        {
            return new(model);
        }
        catch (AnnealException)
        {
            // Operators that have no kernel here are another test's affair.
            return null;
        }
    }

    private static Model Deduplicated()
    {
        var b = new GraphBuilder("deduplicated");
        var x = b.Input("x", DType.Float32, new("N", 2));
        var (zeros, ones) = (b.Weight("zeros", TensorData.Create("zeros", [0f, 0], 2)), b.Weight("ones", TensorData.Create("ones", [1f, 1], 2)));
        x = b.Apply(new BatchNormalization(), x, ones, zeros, zeros, ones);
        b.Output("y", b.Apply(new BatchNormalization(), b.Elementwise("Exp", x), ones, zeros, zeros, ones));
        return b.Build();
    }
}
