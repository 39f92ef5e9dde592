using Anneal.Onnx;
using Anneal.Training.Export;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Export;

/// <summary>Every layer goes to a file that ONNX Runtime runs, at batches that were not recorded.</summary>
public sealed class LayerExportTests
{
    private static readonly Generator Numbers = new(11);

    /// <summary>A layer, and the shape of its input with any batch.</summary>
    private static readonly Dictionary<string, (Func<Module> Make, TensorShape Input)> Layers = new()
    {
        ["Relu"] = (() => new Relu(), [1, 5]),
        ["Relu6"] = (() => new Relu6(), [1, 5]),
        ["LeakyRelu"] = (() => new LeakyRelu(0.2), [1, 5]),
        ["Elu"] = (() => new Elu(0.7), [1, 5]),
        ["Selu"] = (() => new Selu(), [1, 5]),
        ["Gelu"] = (() => new Gelu(), [1, 5]),
        ["Gelu tanh"] = (() => new Gelu(approximate: true), [1, 5]),
        ["Silu"] = (() => new Silu(), [1, 5]),
        ["Mish"] = (() => new Mish(), [1, 5]),
        ["Sigmoid"] = (() => new Sigmoid(), [1, 5]),
        ["Hardsigmoid"] = (() => new Hardsigmoid(), [1, 5]),
        ["Hardswish"] = (() => new Hardswish(), [1, 5]),
        ["Tanh"] = (() => new Tanh(), [1, 5]),
        ["Softplus"] = (() => new Softplus(), [1, 5]),
        ["Softmax"] = (() => new Softmax(1), [1, 5]),
        ["LogSoftmax"] = (() => new LogSoftmax(-1), [1, 3, 5]),
        ["AdaptiveAvgPool2d even"] = (() => new AdaptiveAvgPool2d(2), [1, 3, 4, 6]),
        ["AdaptiveAvgPool2d uneven"] = (() => new AdaptiveAvgPool2d((2, 3)), [1, 3, 5, 7]),
        ["AdaptiveAvgPool2d one"] = (() => new AdaptiveAvgPool2d(1), [1, 3, 5, 7]),
        ["AdaptiveMaxPool2d even"] = (() => new AdaptiveMaxPool2d(2), [1, 3, 4, 6]),
        ["AdaptiveMaxPool2d uneven"] = (() => new AdaptiveMaxPool2d((2, 3)), [1, 3, 5, 7]),
        ["BatchNorm1d"] = (() => Measured(new BatchNorm1d(3), [4, 3]), [1, 3]),
        ["BatchNorm1d of sequences"] = (() => Measured(new BatchNorm1d(3, affine: false), [4, 3, 5]), [1, 3, 5]),
        ["BatchNorm2d"] = (() => Measured(new BatchNorm2d(3), [4, 3, 5, 5]), [1, 3, 5, 5]),
        ["BatchNorm2d without statistics"] = (() => new BatchNorm2d(3, trackRunningStats: false), [1, 3, 5, 5]),
        ["Conv1d"] = (() => new Conv1d(3, 4, 3, padding: 1, generator: Numbers), [1, 3, 7]),
        ["Conv2d"] = (() => new Conv2d(4, 6, (3, 2), stride: 2, padding: 1, groups: 2, generator: Numbers), [1, 4, 7, 8]),
        ["Conv2d without bias"] = (() => new Conv2d(3, 4, 3, bias: false, generator: Numbers), [1, 3, 7, 8]),
        ["ConvTranspose2d"] = (() => new ConvTranspose2d(3, 4, 3, stride: 2, padding: 1, outputPadding: 1, generator: Numbers), [1, 3, 5, 5]),
        ["Dropout"] = (() => new Sequential(new Dropout(), new Relu()), [1, 5]),
        ["Dropout2d"] = (() => new Sequential(new Dropout2d(), new Relu()), [1, 3, 4, 4]),
        ["Embedding"] = (() => new Embedding(5, 3, generator: Numbers), [1, 4]),
        ["Embedding with padding"] = (() => new Embedding(5, 3, paddingIndex: 0, generator: Numbers), [1, 4]),
        ["Flatten"] = (() => new Flatten(), [1, 3, 4]),
        ["Flatten inside"] = (() => new Flatten(2, 3), [1, 2, 3, 4]),
        ["Flatten with the batch"] = (() => new Flatten(0, 1), [1, 2, 3, 4]),
        ["Identity"] = (() => new Identity(), [1, 3]),
        ["GroupNorm"] = (() => new GroupNorm(2, 4), [1, 4, 3, 3]),
        ["GroupNorm without weights"] = (() => new GroupNorm(2, 4, affine: false), [1, 4, 3, 3]),
        ["LayerNorm"] = (() => new LayerNorm([4, 3]), [1, 4, 3]),
        ["LayerNorm without weights"] = (() => new LayerNorm([3], elementwiseAffine: false), [1, 4, 3]),
        ["Linear"] = (() => new Linear(5, 3, generator: Numbers), [1, 5]),
        ["Linear without bias"] = (() => new Linear(5, 3, bias: false, generator: Numbers), [1, 5]),
        ["Linear on sequences"] = (() => new Linear(5, 3, generator: Numbers), [1, 2, 5]),
        ["MaxPool1d"] = (() => new MaxPool1d(2), [1, 3, 8]),
        ["MaxPool2d"] = (() => new MaxPool2d(3, stride: 2, padding: 1), [1, 3, 7, 7]),
        ["AvgPool1d"] = (() => new AvgPool1d(2), [1, 3, 8]),
        ["AvgPool2d"] = (() => new AvgPool2d(3, stride: 2, padding: 1, countIncludePad: false), [1, 3, 7, 7]),
        ["Rnn"] = (() => Sequence(new Rnn(3, 4, numLayers: 2, batchFirst: true, generator: Numbers), (net, x) => net.Forward(x).Y), [1, 5, 3]),
        ["Gru"] = (() => Sequence(new Gru(3, 4, batchFirst: true, bidirectional: true, generator: Numbers), (net, x) => net.Forward(x).Hidden.Transpose(1, 0, 2)), [1, 5, 3]),
        ["Lstm"] = (() => Sequence(new Lstm(3, 4, batchFirst: true, generator: Numbers), (net, x) => net.Forward(x).Y), [1, 5, 3]),
        ["RnnCell"] = (() => Sequence(new RnnCell(3, 4, generator: Numbers), (net, x) => net.Forward(x)), [1, 3]),
        ["GruCell"] = (() => Sequence(new GruCell(3, 4, generator: Numbers), (net, x) => net.Forward(x)), [1, 3]),
        ["LstmCell"] = (() => Sequence(new LstmCell(3, 4, generator: Numbers), (net, x) => net.Forward(x).Cell), [1, 3]),
        ["Sequential"] = (() => new Sequential(("conv", new Conv2d(3, 4, 3, generator: Numbers)), ("flat", new Flatten()), ("fc", new Linear(4, 2, generator: Numbers))), [1, 3, 3, 3]),
    };

    public static TheoryData<string> Names => [.. Layers.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_layer_gives_the_same_in_ONNX_Runtime_at_any_batch(string name)
    {
        using var folder = new TempFolder();
        var (make, input) = Layers[name];
        var options = new ExportOptions { InputType = name.StartsWith("Embedding", StringComparison.Ordinal) ? DType.Int64 : DType.Float32, Tolerance = 1e-5 };
        var layer = make();
        var state = layer.GetState().ToDictionary(named => named.Key, named => named.Value.ToTensorData().Bytes.ToArray());
        var report = OnnxExport.Save(layer, input, folder["layer.onnx"], options, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 7], report.Batches);
        Assert.True(layer.IsTraining);
        var model = OnnxFile.Load(report.Path);
        Checker.Require(model);
        Assert.Equal("N", ((TensorType)model.Graph.Inputs[0].Type!).Shape![0].Symbol);
        var weights = model.Graph.Initializers.Where(value => state.ContainsKey(value.Name)).ToList();
        Assert.All(weights, weight => Assert.Equal(state[weight.Name], weight.Initializer!.Bytes.ToArray()));
        Assert.Equal(layer.NamedParameters().Select(named => named.Name).Order(), weights.Select(weight => weight.Name).Intersect(layer.NamedParameters().Select(named => named.Name)).Order());
    }

    [Fact]
    public void Every_layer_is_in_the_matrix()
    {
        var layers = typeof(Module).Assembly.GetExportedTypes().Where(type => typeof(ModuleBase).IsAssignableFrom(type) && !type.IsAbstract && !type.IsGenericType && type != typeof(OnnxModule));
        Assert.Empty(layers.Select(type => type.Name).Except(Layers.Keys.Select(key => key.Split(' ')[0])));
    }

    /// <summary>Statistics other than 0 and 1.</summary>
    private static Module Measured(Module norm, TensorShape batch)
    {
        norm.Forward(new Generator(5).Normal(batch, 2, 3));
        return norm;
    }

    private static Holder<T> Sequence<T>(T part, Func<T, Tensor, Tensor> compute) where T : ModuleBase => new(part, compute);

    private sealed class Holder<T> : Module where T : ModuleBase
    {
        private readonly T _part;
        private readonly Func<T, Tensor, Tensor> _compute;

        public Holder(T part, Func<T, Tensor, Tensor> compute) => (_part, _compute) = (Register("part", part), compute);

        protected override Tensor Compute(Tensor x) => _compute(_part, x);
    }
}
