using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Export;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Export;

/// <summary>What recording a module accepts and refuses, and how what it writes looks.</summary>
public sealed class RecordingTests
{
    private static readonly Parameter Stray = new(Tensor.Ones([4, 4])) { Name = "stray" };

    /// <summary>What a network does that a static graph cannot, and how the refusal begins and what else it says.</summary>
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Compute, string Start, string Says)> Refused = new()
    {
        ["a loop over the batch"] = (x => Enumerable.Range(0, x.Shape[0]).Select(i => x.Slice(0, i, i + 1)).Aggregate((a, b) => a + b), "Slice in Of cannot be written", "loop"),
        ["a branch on the batch"] = (x => x.Shape[0] > 2 ? x.Relu() : x.Sigmoid(), "Sigmoid in Of cannot be written: with other extents of the input Relu in Of is applied", "branch"),
        ["a division by the batch"] = (x => x.Sum(0) / x.Shape[0], "Div in Of cannot be written: its input 1 is a constant that depends on an extent of the input ([2] and [3]", "Mean"),
        ["numbers of the batch"] = (x => x + Tensor.From([.. Enumerable.Range(0, x.Shape[0]).Select(i => (float)i)], [x.Shape[0], 1]), "Add in Of cannot be written: its input 1", "[0,1] and [0,1,2]"),
        ["an attribute of the batch"] = (x => x.Transpose(1, 0).Unsqueeze(0).Gather(1, 0) is { } y ? Tensor.Apply(new Onnx.Ops.LeakyRelu { Alpha = 1f / x.Shape[0] }, y) : x, "LeakyRelu in Of cannot be written: its attribute alpha", "extent"),
        ["Item of what was computed"] = (x => x.Sum().Item() > 0 ? x.Relu() : x, "Of reads a tensor Float32 [] (made by ReduceSum in Of) with Item", "Tensor.Where"),
        ["AsSpan of the input"] = (x => x * x.AsSpan<float>()[0], "Of reads a tensor Float32 [2,4] (the input) with AsSpan", "baked in"),
        ["ToArray of a view"] = (x => x * x.Detach().ToArray<float>()[0], "Of reads a tensor Float32 [2,4] (the input) with ToArray", "baked in"),
        ["ToTensorData"] = (x => x + Tensor.From(x.Exp().ToTensorData()), "Of reads a tensor Float32 [2,4] (made by Exp in Of) with ToTensorData", "baked in"),
        ["a random operator"] = (x => x + Tensor.Apply(new RandomNormalLike(), x), "RandomNormalLike in Of draws random numbers", "training only"),
        ["dropout in use"] = (x => x.Dropout(0.5, new Generator(1).Next()), "KeyedDropout in Of draws random numbers", "training only"),
        ["a parameter of nobody"] = (x => x.MatMul(Stray), "MatMul in Of uses 'stray' Float32 [4,4], which Of does not hold", "Register"),
        ["an output of its own"] = (_ => Tensor.Ones([2]), "Of gives an output that does not follow from its input", "host"),
    };

    public static TheoryData<string> Refusals => [.. Refused.Keys];

    [Theory, MemberData(nameof(Refusals))]
    public void What_a_static_graph_cannot_say_is_refused_by_name(string what)
    {
        var (compute, start, says) = Refused[what];
        using var folder = new TempFolder();
        var error = Assert.Throws<AnnealException>(() => OnnxExport.Save(new Of(compute), [1, 4], folder["x.onnx"], cancellation: TestContext.Current.CancellationToken));
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    /// <summary>Computations with the batch that hold for any.</summary>
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Open = new()
    {
        ["Reshape that keeps the batch"] = x => x.Reshape(x.Shape[0], 2, -1),
        ["Reshape that states all extents"] = x => x.Reshape(x.Shape[0], 2, 2),
        ["Reshape that moves the batch"] = x => x.Reshape(2, x.Shape[0], 2).Transpose(1, 0, 2),
        ["Reshape with a multiple of the batch"] = x => x.Reshape(x.Shape[0] * 2, 2).Relu().Reshape(x.Shape[0], 4),
        ["Reshape with two that depend on it"] = x => Tensor.Concat(1, x.Reshape(1, x.Shape[0] * 4).BroadcastTo([x.Shape[0], x.Shape[0] * 4]).Sum(1).Reshape(x.Shape[0], 1), x),
        ["Expand to the batch"] = x => x + Tensor.Ones([1, 4]).BroadcastTo(x.Shape),
        ["zeros of the batch"] = x => Tensor.Concat(1, x, Tensor.Zeros([x.Shape[0], 3])),
        ["a slice up to the batch"] = x => x.Slice(0, 0, x.Shape[0]) * 2,
        ["a mean over the batch"] = x => x - x.MeanKeep(0),
        ["a Shape read by a node"] = x => x.Sum(1) / Tensor.Apply(new ShapeOf { Start = 0, End = 1 }, x).To(DType.Float32),
        ["a choice by tensors"] = x => Tensor.Where(x > 0, x, x * 0.1),
        ["a function of one's own"] = x => Function.Of("Cube", t => t * t * t, (t, y, dy) => dy * t * t * 3).Apply(x),
    };

    public static TheoryData<string> Computations => [.. Open.Keys];

    [Theory, MemberData(nameof(Computations))]
    public void What_holds_for_any_batch_is_written_for_any_batch(string what)
    {
        using var folder = new TempFolder();
        var report = OnnxExport.Save(new Of(Open[what]), [1, 4], folder["x.onnx"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 7], report.Batches);
        Assert.InRange(report.LargestDifference, 0, 1e-6);
    }

    [Fact]
    public void Nodes_are_named_after_modules_and_equal_constants_are_stored_once()
    {
        var shared = new Linear(4, 4);
        var net = new Sequential(("first", shared), ("again", shared), ("block", new Sequential(new Of(x => (x * 2) + 2))));
        var model = OnnxExport.ToModel(net, [1, 4]);
        Assert.Equal(["first/gemm", "first/gemm_1", "block.0/mul", "output"], model.Graph.Nodes.Select(node => node.Outputs[0]!.Name));
        Assert.Equal(["first/gemm", "first/gemm_1", "block.0/mul", "block.0/add"], model.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(["first.weight", "first.bias", "block.0/constant"], model.Graph.Initializers.Select(value => value.Name));
    }

    [Fact]
    public void Other_axes_can_be_open_too()
    {
        using var folder = new TempFolder();
        var options = new ExportOptions { DynamicAxes = [2, 3] };
        var net = new Sequential(new Conv2d(3, 4, 3, padding: 1), new Relu(), new Of(x => x.Reshape(x.Shape[0], 4, x.Shape[2] * x.Shape[3]).Mean(2)));
        var path = OnnxExport.Save(net, [1, 3, 8, 8], folder["net.onnx"], options, TestContext.Current.CancellationToken).Path;
        Assert.Equal("[N,3,D2,D3]", ((TensorType)OnnxFile.Load(path).Graph.Inputs[0].Type!).Shape!.ToString());
        Assert.StartsWith("ExportOptions.DynamicAxes names axis 4", Assert.Throws<AnnealException>(() => OnnxExport.ToModel(net, [1, 3, 8, 8], new() { DynamicAxes = [4] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_shall_stay_stays()
    {
        using var folder = new TempFolder();
        var report = OnnxExport.Save(new Of(x => x.Sum(0) / x.Shape[0]), [3, 4], folder["x.onnx"], new() { DynamicBatch = false }, TestContext.Current.CancellationToken);
        Assert.Equal([3], report.Batches);
    }

    [Fact]
    public void A_counter_is_left_out_and_a_state_that_is_computed_with_is_refused()
    {
        Assert.Empty(OnnxExport.ToModel(new Counting((x, _) => x.Relu()), [1, 4]).Graph.Initializers);
        var error = Assert.Throws<AnnealException>(() => OnnxExport.ToModel(new Counting((x, calls) => x * calls), [1, 4]));
        Assert.StartsWith("Mul in Counting computes with 'calls' Float32 [], which Counting changes while it runs", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(18)]
    [InlineData(24)]
    public void The_operator_set_can_be_chosen(int opset)
    {
        using var folder = new TempFolder();
        var report = OnnxExport.Save(new Sequential(new Training.Nn.Gelu(), new Silu()), [1, 4], folder["x.onnx"], new() { Opset = opset }, TestContext.Current.CancellationToken);
        Assert.Equal(opset, report.Opset);
        var operators = OnnxFile.Load(report.Path).Graph.Nodes.Select(node => node.OpType).ToList();
        Assert.Equal(opset == 24, operators.Contains("Swish"));
        Assert.Equal(opset == 24, operators.Contains("Gelu"));
    }

    [Fact]
    public void The_same_module_gives_the_same_bytes()
    {
        var net = new Sequential(new Conv2d(3, 4, 3), new Relu(), new Training.Nn.Flatten(), new Linear(4, 2));
        Assert.Equal(OnnxFile.ToBytes(OnnxExport.ToModel(net, [1, 3, 3, 3])), OnnxFile.ToBytes(OnnxExport.ToModel(net, [5, 3, 3, 3])));
    }

    private sealed class Of(Func<Tensor, Tensor> compute) : Module
    {
        protected override Tensor Compute(Tensor x) => compute(x);
    }

    private sealed class Counting : Module
    {
        private readonly Func<Tensor, Tensor, Tensor> _compute;
        private readonly StateTensor _calls;

        public Counting(Func<Tensor, Tensor, Tensor> compute)
        {
            _compute = compute;
            _calls = Register("calls", new StateTensor(Tensor.Scalar(0f)));
        }

        protected override Tensor Compute(Tensor x)
        {
            _calls.Assign(_calls + 1);
            return _compute(x, _calls);
        }
    }
}
