using System.Diagnostics;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime;
using Anneal.Training.Export;
using Anneal.Training.Nn;
using Anneal.Training.Tests.Engine;
using Anneal.Zoo;

namespace Anneal.Training.Tests.Export;

/// <summary>What options do to a file, and that no other file ever appears than a proven one.</summary>
public sealed class SaveTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_disagrees_never_appears()
    {
        var run = new ExportRun(_folder["net.onnx"], ExportOptions.Default, Cancellation);
        var error = Assert.Throws<AnnealException>(() => run.Run(Net().Build(), new Wrong(1e-3f)));
        Assert.StartsWith($"{_folder["net.onnx"]} is not written: output 'scores' in ONNX Runtime differs from what the model computes here by ", error.Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public void A_file_that_does_not_open_never_appears_and_the_old_one_stays()
    {
        File.WriteAllText(_folder["net.onnx"], "mine");
        var model = Net().Build();
        model.Graph.Nodes[0].RemoveAttribute("kernel_shape");
        model.Graph.Nodes[0].SetAttribute(NodeAttribute.Of("kernel_shape", [9L, 9]));
        var run = new ExportRun(_folder["net.onnx"], new() { Overwrite = true }, Cancellation);
        Assert.StartsWith($"{_folder["net.onnx"]} is not written: ", Assert.Throws<AnnealException>(() => run.Run(model, new Wrong(0))).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder["net.onnx"]));
        Assert.Single(Left());
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_when_asked()
    {
        File.WriteAllText(_folder["net.onnx"], "mine");
        var error = Assert.Throws<AnnealException>(() => OnnxExport.Save(Net().Build(), _folder["net.onnx"], cancellation: Cancellation));
        Assert.Contains("ExportOptions.Overwrite", error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder["net.onnx"]));
        _ = OnnxExport.Save(Net().Build(), _folder["net.onnx"], new() { Overwrite = true }, Cancellation);
        Assert.Equal(OnnxFile.ToBytes(Net().Build()), File.ReadAllBytes(_folder["net.onnx"]));
        Assert.Single(Left());
    }

    [Theory]
    [InlineData("", "is a folder")]
    [InlineData("missing/net.onnx", "its folder does not exist")]
    public void A_path_that_cannot_be_a_file_is_refused(string path, string says)
    {
        Assert.Contains(says, Assert.Throws<AnnealException>(() => OnnxExport.Save(Net().Build(), Path.Combine(_folder.Path, path), cancellation: Cancellation)).Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It takes Linux: /proc holds no files of users.");
        var error = Assert.Throws<AnnealException>(() => OnnxExport.Save(Net().Build(), "/proc/net.onnx", cancellation: Cancellation));
        Assert.StartsWith("/proc/net.onnx cannot be written: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_export_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        var run = new ExportRun(_folder["net.onnx"], ExportOptions.Default, source.Token);
        Assert.Throws<OperationCanceledException>(() => run.Run(Net().Build(), new Cancelling(source)));
        Assert.Empty(Left());
    }

    [Fact]
    public void External_data_stays_external_and_a_trained_tensor_with_it()
    {
        OnnxFile.Save(Net().Build(), _folder["source.onnx"], new() { ExternalData = ExternalDataPolicy.Always, ExternalThresholdBytes = 0 });
        var module = new OnnxModule(OnnxFile.Load(_folder["source.onnx"]));
        var weight = module.NamedParameters().Single(named => named.Name == "conv.weight").Parameter;
        weight.Assign(weight.Detach() * 2);
        var report = OnnxExport.Save(module, _folder["net.onnx"], cancellation: Cancellation);
        var written = OnnxFile.Load(report.Path);
        Assert.All(written.Graph.Initializers.Where(value => value.Name.StartsWith("conv", StringComparison.Ordinal)), value => Assert.Equal("net.onnx.data", value.Initializer!.External!.Location));
        Assert.Equal(weight.ToArray<float>(), written.Graph.Find("conv.weight")!.Initializer!.ToFloats());
        Assert.Equal(["net.onnx", "net.onnx.data", "source.onnx", "source.onnx.data"], Left().Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Normalisation_is_folded_when_asked()
    {
        var report = OnnxExport.Save(Net().Build(), _folder["net.onnx"], new() { FoldBatchNorm = true }, Cancellation);
        Assert.Equal(["1 of 1 BatchNormalization nodes were folded into the weights beside them."], report.Notices);
        Assert.DoesNotContain(OnnxFile.Load(report.Path).Graph.Nodes, node => node.OpType == "BatchNormalization");
        Assert.InRange(report.LargestDifference, 0, 1e-5);
    }

    [Fact]
    public void Scores_become_probabilities_once()
    {
        var report = OnnxExport.Save(Net().Build(), _folder["net.onnx"], new() { EndWithSoftmax = true }, Cancellation);
        Assert.Equal(["Output 'scores' holds probabilities: a Softmax follows what is called 'scores_scores' now."], report.Notices);
        var model = OnnxFile.Load(report.Path);
        Assert.Equal(("scores", "Softmax"), (Assert.Single(model.Graph.Outputs).Name, model.Graph.Outputs[0].Producer!.OpType));
        var again = OnnxExport.Save(model, _folder["again.onnx"], new() { EndWithSoftmax = true }, Cancellation);
        Assert.Equal(["Output 'scores' holds probabilities already: Softmax 'scores' makes them."], again.Notices);
        Assert.Equal(File.ReadAllBytes(report.Path), File.ReadAllBytes(again.Path));
    }

    [Fact]
    public void Weights_as_float16_halve_the_file_and_what_it_costs_is_said()
    {
        var whole = OnnxExport.Save(Wide(), [1, 64], _folder["whole.onnx"], cancellation: Cancellation);
        var report = OnnxExport.Save(Wide(), [1, 64], _folder["net.onnx"], new() { Float16Weights = true }, Cancellation);
        Assert.InRange(report.SizeBytes, 1, 0.6 * whole.SizeBytes);
        Assert.InRange(report.LargestDifference, 0, 1e-6);
        Assert.Matches(@"^Weights are stored as float16: \d+ bytes in place of \d+\. Rounding them changes output 'output' by up to 0\.000\d+ of its largest number\.$", Assert.Single(report.Notices));
        var model = OnnxFile.Load(report.Path);
        Checker.Require(model);
        Assert.Equal("Cast", model.Graph.Find("0.weight")!.Producer!.OpType);
        Assert.Equal(DType.Float32, model.Graph.Find("0.bias")!.Initializer!.DType);
    }

    [Fact]
    public void A_weight_beyond_float16_stays_and_is_named()
    {
        var net = Wide();
        var weight = net.Parameters().First();
        weight.Assign(weight.Detach() * 1e7);
        var report = OnnxExport.Save(net, [1, 64], _folder["net.onnx"], new() { Float16Weights = true }, Cancellation);
        Assert.Equal("'0.weight' stays float32: it holds a number beyond the range of float16.", report.Notices[0]);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(21, false)]
    [InlineData(21, true)]
    public void A_hard_batch_is_opened_without_another_operator_set_and_proven_picture_by_picture(long opset, bool stays)
    {
        var model = HardBatch(opset);
        var report = OnnxExport.Save(model, _folder["net.onnx"], new() { DynamicBatch = !stays }, Cancellation);
        Assert.Equal(stays ? [1] : [1, 2, 7], report.Batches);
        Assert.Empty(report.Notices);
        var written = OnnxFile.Load(report.Path);
        Assert.Equal(opset, written.OperatorSets[""]);
        Assert.Equal(model.Graph.Nodes.Select(node => node.Title), written.Graph.Nodes.Select(node => node.Title));
        if (stays)
            Assert.Equal(OnnxFile.ToBytes(model), File.ReadAllBytes(report.Path));
    }

    [Fact]
    public void A_batch_that_cannot_be_opened_stays_and_the_reason_is_said()
    {
        var b = new GraphBuilder("mixed");
        var x = b.Input("x", DType.Float32, new(1, 3));
        b.Output("y", b.Apply(new Onnx.Ops.Reduction("ReduceSum") { Keepdims = false }, b.Apply(new MatMul(), x, b.Weight("w", TensorData.Create("w", [1f, 2, 3], 3, 1))), b.Ints(0)));
        var report = OnnxExport.Save(b.Build(), _folder["net.onnx"], cancellation: Cancellation);
        Assert.StartsWith("The file takes one picture at a time, as the model states it. ReduceSum ", Assert.Single(report.Notices), StringComparison.Ordinal);
        Assert.Equal([1], report.Batches);
    }

    [Fact]
    public void Another_operator_set_is_said_with_its_reason_and_an_older_one_is_refused()
    {
        var model = HardBatch(8);
        var report = OnnxExport.Save(model, _folder["net.onnx"], new() { Opset = 17 }, Cancellation);
        Assert.Equal(["The file was converted from operator set 8 to 17, because Opset asks for it."], report.Notices);
        Assert.Equal(17, report.Opset);
        var error = Assert.Throws<AnnealException>(() => OnnxExport.Save(Net().Build(), _folder["old.onnx"], new() { Opset = 17 }, Cancellation));
        Assert.StartsWith("The model is of operator set 21 and cannot be written for 17", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_says_of_itself_what_it_is_given_and_proves_it()
    {
        var card = Card(OutputKind.Logits);
        var options = new ExportOptions { EndWithSoftmax = true, Metadata = new() { Card = card, ClassNames = ["a", "b", "c"], Lineage = new() { MadeBy = "a test" } } };
        var report = OnnxExport.Save(Net().Build(), _folder["net.onnx"], options, Cancellation);
        using var session = new OrtEngine().Open(report.Path);
        var metadata = ModelMetadata.Read(session.Metadata, report.Path)!;
        Assert.Equal((OutputKind.Probabilities, "a test"), (metadata.Card!.OutputKind, metadata.Lineage!.MadeBy));
        Assert.Equal(1, metadata.Golden!.Expected.Sum(), 1e-5);
        Assert.True(ModelVerifier.Verify(report.Path, cancellation: Cancellation).IsGood);
        Assert.True(ModelVerifier.Verify(report.Path, new AnnealEngine(), cancellation: Cancellation).IsGood);
        var again = OnnxExport.Save(Net().Build(), _folder["again.onnx"], options, Cancellation);
        Assert.Equal(File.ReadAllBytes(report.Path), File.ReadAllBytes(again.Path));
    }

    [Fact]
    public void An_example_of_another_model_is_refused()
    {
        var metadata = new ModelMetadata { Card = Card(OutputKind.Logits), ClassNames = ["a", "b", "c"], Golden = new() { Seed = 0, Expected = [1, 2, 3], Tolerance = 1e-3 } };
        var error = Assert.Throws<AnnealException>(() => OnnxExport.Save(Net().Build(), _folder["net.onnx"], new() { Metadata = metadata }, Cancellation));
        Assert.EndsWith("The example belongs to another model.", error.Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public void A_model_that_only_ONNX_Runtime_runs_is_held_against_it_and_that_is_said()
    {
        var b = new GraphBuilder("foreign");
        var x = b.Input("x", DType.Float32, new("N", 3));
        var y = b.Call("com.microsoft", "FastGelu", [x], [new TensorType(DType.Float32, new("N", 3))])[0];
        b.Output("y", y);
        var report = OnnxExport.Save(b.Build(), _folder["net.onnx"], cancellation: Cancellation);
        Assert.StartsWith("The file was compared with the model in ONNX Runtime, because this library's own engine cannot run it: ", Assert.Single(report.Notices), StringComparison.Ordinal);
        Assert.Equal((0, 3), (report.LargestDifference, report.Batches.Count));
    }

    [Fact]
    public void A_program_with_nothing_but_ONNX_Runtime_gives_our_probabilities()
    {
        LongRun.Require(isLong: true);
        var model = OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx"));
        var module = new OnnxModule(model);
        var path = OnnxExport.Save(module, _folder["net.onnx"], cancellation: Cancellation).Path;
        using (Grad.Off())
            foreach (var batch in new[] { 1, 2, 7 })
            {
                var x = new Generator((ulong)batch).Normal([batch, 3, 32, 32]);
                File.WriteAllBytes(_folder[$"input-{batch}.bin"], MemoryMarshal.AsBytes(x.AsSpan<float>()).ToArray());
                File.WriteAllBytes(_folder[$"output-{batch}.bin"], MemoryMarshal.AsBytes(Tensor.Apply(new Onnx.Ops.Softmax { Axis = 1 }, module.Forward(x)).AsSpan<float>()).ToArray());
            }
        var start = new ProcessStartInfo("dotnet", ["run", Path.Combine(TestData.Checkout, "eng", "bare-runtime.cs"), "--", path, _folder.Path, "--softmax"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var program = Process.Start(start)!;
        var said = program.StandardOutput.ReadToEnd() + program.StandardError.ReadToEnd();
        program.WaitForExit();
        Assert.True(program.ExitCode == 0, said);
        TestContext.Current.TestOutputHelper!.WriteLine(said);
    }

    private string[] Left() => Directory.GetFileSystemEntries(_folder.Path);

    private static Sequential Wide() => new(new Training.Nn.Linear(64, 64, generator: new(1)), new Relu(), new Training.Nn.Linear(64, 8, generator: new(2)));

    private static GraphBuilder Net()
    {
        var numbers = new Generator(3);
        var b = new GraphBuilder("net");
        var x = b.Input("x", DType.Float32, new("N", 3, 8, 8));
        x = b.Apply(new Conv { Window = new() { KernelShape = [3, 3] } }, x, b.Weight("conv.weight", Data("conv.weight", numbers.Normal([4, 3, 3, 3]))), b.Weight("conv.bias", Data("conv.bias", numbers.Normal([4]))));
        x = b.Apply(new BatchNormalization(), x, Weight("scale"), Weight("shift"), Weight("mean"), b.Weight("var", Data("var", numbers.Uniform([4], 0.5, 2))));
        x = b.Apply(new Onnx.Ops.Flatten(), b.Apply(new GlobalAveragePool(), x));
        b.Output("scores", b.Apply(new Gemm { TransB = true }, x, b.Weight("fc.weight", Data("fc.weight", numbers.Normal([3, 4]))), b.Weight("fc.bias", Data("fc.bias", numbers.Normal([3])))));
        return b;

        Value Weight(string name) => b.Weight(name, Data(name, numbers.Normal([4])));
    }

    /// <summary>A batch of 1 in the input and in the target of a Reshape, in an older operator set too.</summary>
    private static Model HardBatch(long opset)
    {
        var graph = new Graph("hard");
        var model = new Model(graph) { IrVersion = opset < 9 ? 3 : 8 };
        model.OperatorSets.Add(new("", opset));
        var x = graph.AddInput("x", new TensorType(DType.Float32, Shape.Of(1, 2, 3)));
        var shape = Constant(TensorData.Create("shape", [1L, 6], 2));
        var w = Constant(TensorData.Create("w", [1f, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 6, 2));
        var flat = graph.AddNode("Reshape", [x, shape], ["flat"]).Outputs[0]!;
        var y = graph.AddNode("MatMul", [flat, w], ["y"]).Outputs[0]!;
        y.Type = new TensorType(DType.Float32, Shape.Of(1, 2));
        graph.AddOutput(y);
        return model;

        Value Constant(TensorData tensor)
        {
            var value = graph.AddInitializer(tensor);
            value.Type = tensor.Type;
            if (model.IrVersion == 3)
                graph.MakeInput(value);
            return value;
        }
    }

    private static TensorData Data(string name, Tensor tensor) => tensor.ToTensorData().WithName(name);

    private static ModelCard Card(OutputKind kind) => new()
    {
        Name = "tiny",
        Summary = "Three classes",
        OutputKind = kind,
        Preprocessing = new() { Color = ColorOrder.Rgb, Orientation = OrientationPolicy.Ignore, Crop = new(8, 8), Divide = 255, Layout = TensorLayout.Nchw },
    };

    /// <summary>What a model computes, but for a little.</summary>
    private sealed class Wrong(float by) : IExportReference
    {
        private readonly OnnxReference _right = new(new(Net().Build()), Net().Build());

        public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation)
        {
            var outputs = _right.Run(inputs, cancellation);
            outputs[0].As<float>().Span[0] += by * 10;
            return outputs;
        }
    }

    private sealed class Cancelling(CancellationTokenSource source) : IExportReference
    {
        public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation)
        {
            source.Cancel();
            cancellation.ThrowIfCancellationRequested();
            return [];
        }
    }
}
