using Anneal.Onnx;
using Anneal.Training.Nn;
using static Anneal.Training.Tests.Nn.TorchReference;

namespace Anneal.Training.Tests.Nn;

/// <summary>Every layer, its gradients and its buffers against libtorch, and every loss.</summary>
public sealed class TorchLayerTests
{
    // Attributes of ONNX's operators are float32: where a constant such as 1/6 is one, it is off by so much.
    private const double ConstantsOfFloat32 = 1e-7;

    private static readonly Dictionary<string, Func<Answers>> Rows = new()
    {
        ["Linear"] = () => Layer(new Linear(5, 3), 2, 4, 5),
        ["Conv1d"] = () => Layer(new Conv1d(4, 6, 3, stride: 2, padding: 1, dilation: 2, groups: 2), 2, 4, 9),
        ["Conv2d"] = () => Layer(new Conv2d(4, 6, (3, 2), (2, 1), (1, 2), (1, 2), groups: 2), 2, 4, 6, 5),
        ["ConvTranspose2d"] = () => Layer(new ConvTranspose2d(4, 6, (3, 2), stride: (2, 3), padding: (1, 0), outputPadding: (1, 2), groups: 2), 2, 4, 3, 2),
        ["ConvTranspose2d dilated"] = () => Layer(new ConvTranspose2d(2, 3, (2, 3), stride: (1, 2), padding: 1, outputPadding: (0, 1), dilation: 2, bias: false), 1, 2, 3, 3),
        ["BatchNorm1d"] = () => Layer(new BatchNorm1d(3), 4, 3),
        ["BatchNorm1d of sequences"] = () => Layer(new BatchNorm1d(3), 2, 3, 4),
        ["BatchNorm2d"] = () => Layer(new BatchNorm2d(3), 2, 3, 2, 3),
        ["BatchNorm2d plain"] = () => Layer(new BatchNorm2d(3, eps: 1e-3, momentum: 0.3, affine: false), 2, 3, 2, 3),
        ["BatchNorm2d untracked"] = () => Layer(new BatchNorm2d(3, trackRunningStats: false), 2, 3, 2, 3),
        ["BatchNorm2d twice"] = BatchNormTwice,
        ["LayerNorm"] = () => Layer(new LayerNorm([3, 4]), 2, 3, 4),
        ["GroupNorm"] = () => Layer(new GroupNorm(2, 6), 2, 6, 2, 2),
        ["Embedding"] = () => Layer(new Embedding(5, 3, paddingIndex: 2), Tensor.From([0L, 2, 4, 4, 1, 2], [2, 3])),
        ["MaxPool2d"] = () => Layer(new MaxPool2d(3, stride: 2, padding: 1, ceilMode: true), 1, 2, 6, 7),
        ["MaxPool2d dilated"] = () => Layer(new MaxPool2d((2, 3), stride: (1, 2), padding: 1, dilation: (2, 1)), 1, 2, 5, 6),
        ["MaxPool1d"] = () => Layer(new MaxPool1d(3, stride: 2, padding: 1), 2, 2, 8),
        ["AvgPool1d"] = () => Layer(new AvgPool1d(3, stride: 2, padding: 1), 2, 2, 7),
        ["AvgPool2d"] = () => Layer(new AvgPool2d(3, stride: 2, padding: 1, ceilMode: true), 1, 2, 6, 7),
        ["AvgPool2d without pads"] = () => Layer(new AvgPool2d((3, 2), stride: (2, 1), padding: 1, countIncludePad: false), 1, 2, 6, 5),
        ["AdaptiveAvgPool2d"] = () => Layer(new AdaptiveAvgPool2d((3, 5)), 1, 2, 7, 8),
        ["AdaptiveAvgPool2d even"] = () => Layer(new AdaptiveAvgPool2d((2, 4)), 1, 2, 6, 8),
        ["AdaptiveAvgPool2d upwards"] = () => Layer(new AdaptiveAvgPool2d((7, 4)), 1, 2, 3, 4),
        ["AdaptiveAvgPool2d global"] = () => Layer(new AdaptiveAvgPool2d(1), 1, 2, 3, 5),
        ["AdaptiveMaxPool2d"] = () => Layer(new AdaptiveMaxPool2d((3, 5)), 1, 2, 7, 8),
        ["AdaptiveMaxPool2d upwards"] = () => Layer(new AdaptiveMaxPool2d((4, 5)), 1, 2, 3, 3),
        ["Relu"] = () => Function(x => new Relu().Forward(x * 4), 3, 7),
        ["Relu6"] = () => Function(x => new Relu6().Forward(x * 8), 3, 7),
        ["LeakyRelu"] = () => Function(x => new LeakyRelu().Forward(x * 4), 3, 7),
        ["Elu"] = () => Function(x => new Elu(1.5).Forward(x * 4), 3, 7),
        ["Selu"] = () => Function(x => new Selu().Forward(x * 4), 3, 7),
        ["Gelu"] = () => Function(x => new Gelu().Forward(x * 4), 3, 7),
        ["Silu"] = () => Function(x => new Silu().Forward(x * 4), 3, 7),
        ["Mish"] = () => Function(x => new Mish().Forward(x * 4), 3, 7),
        ["Sigmoid"] = () => Function(x => new Sigmoid().Forward(x * 4), 3, 7),
        ["Hardsigmoid"] = () => Function(x => new Hardsigmoid().Forward(x * 4), 3, 7),
        ["Hardswish"] = () => Function(x => new Hardswish().Forward(x * 4), 3, 7),
        ["Tanh"] = () => Function(x => new Tanh().Forward(x * 4), 3, 7),
        ["Softplus"] = () => Function(x => new Softplus().Forward(x * 4), 3, 7),
        ["Softmax"] = () => Function(x => new Softmax(1).Forward(x * 4), 3, 7),
        ["LogSoftmax"] = () => Function(x => new LogSoftmax(0).Forward(x * 4), 3, 7),
        ["Rnn"] = () => Recurrent(new Rnn(2, 3, numLayers: 2, bidirectional: true), (m, x, s) => List(m.Forward(x, s[0])), [3, 2, 2], [4, 2, 3]),
        ["Rnn of rectifiers"] = () => Recurrent(new Rnn(2, 3, nonlinearity: Nonlinearity.Relu, bias: false, batchFirst: true), (m, x, s) => List(m.Forward(x, s[0])), [2, 3, 2], [1, 2, 3]),
        ["Gru"] = () => Recurrent(new Gru(2, 3, numLayers: 2, bidirectional: true), (m, x, s) => List(m.Forward(x, s[0])), [3, 2, 2], [4, 2, 3]),
        ["Lstm"] = () => Recurrent(new Lstm(2, 3, numLayers: 2, batchFirst: true, bidirectional: true), (m, x, s) => List(m.Forward(x, new(s[0], s[1]))), [2, 3, 2], [4, 2, 3], states: 2),
        ["RnnCell"] = () => Recurrent(new RnnCell(2, 3), (m, x, s) => [m.Forward(x, s[0])], [2, 2], [2, 3]),
        ["GruCell"] = () => Recurrent(new GruCell(2, 3), (m, x, s) => [m.Forward(x, s[0])], [2, 2], [2, 3]),
        ["LstmCell"] = () => Recurrent(new LstmCell(2, 3), (m, x, s) => List(m.Forward(x, new(s[0], s[1]))), [2, 2], [2, 3], states: 2),
        ["CrossEntropy"] = () => Function(x => Loss.CrossEntropy(x * 3, Flat), 4, 3),
        ["CrossEntropy none"] = () => Function(x => Loss.CrossEntropy(x * 3, Flat, reduction: Reduction.None), 4, 3),
        ["CrossEntropy sum"] = () => Function(x => Loss.CrossEntropy(x * 3, Flat, reduction: Reduction.Sum), 4, 3),
        ["CrossEntropy weighted"] = () => Function(x => Loss.CrossEntropy(x * 3, Holes, weights: Weights), 4, 3),
        ["CrossEntropy smoothed"] = () => Function(x => Loss.CrossEntropy(x * 3, Holes, 0.1), 4, 3),
        ["CrossEntropy smoothed, weighted"] = () => Function(x => Loss.CrossEntropy(x * 3, Holes, 0.1, Weights), 4, 3),
        ["CrossEntropy smoothed, weighted, none"] = () => Function(x => Loss.CrossEntropy(x * 3, Holes, 0.1, Weights, reduction: Reduction.None), 4, 3),
        ["CrossEntropy of maps"] = () => Function(x => Loss.CrossEntropy(x * 3, Wide, 0.2, Weights, ignoreIndex: 1), 2, 3, 4),
        ["CrossEntropy of shares"] = () => Function(x => Loss.CrossEntropy(x * 3, Shares), 4, 3),
        ["CrossEntropy of shares, smoothed, weighted"] = () => Function(x => Loss.CrossEntropy(x * 3, Shares, 0.1, Weights), 4, 3),
        ["NegativeLogLikelihood"] = () => Function(x => Loss.NegativeLogLikelihood(new LogSoftmax(1).Forward(x), Holes, Weights), 4, 3),
        ["Mse"] = () => Function(x => Loss.Mse(x, Target), 4, 3),
        ["L1"] = () => Function(x => Loss.L1(x, Target), 4, 3),
        ["SmoothL1"] = () => Function(x => Loss.SmoothL1(x, Target, 0.5), 4, 3),
        ["Huber"] = () => Function(x => Loss.Huber(x, Target, 0.7), 4, 3),
        ["Bce"] = () => Function(x => Loss.BinaryCrossEntropyWithLogits(x * 40, Target.Sigmoid()), 4, 3),
        ["Bce weighted"] = () => Function(x => Loss.BinaryCrossEntropyWithLogits(x * 4, Target.Sigmoid(), Fill("w", 4, 3).Abs(), Weights), 4, 3),
        ["KlDivergence"] = () => Function(x => Loss.KlDivergence(new LogSoftmax(1).Forward(x), Shares), 4, 3),
        ["KlDivergence of logarithms"] = () => Function(x => Loss.KlDivergence(new LogSoftmax(1).Forward(x), Shares.Log(), logTarget: true, reduction: Reduction.Sum), 4, 3),
    };

    public static TheoryData<string> Names => [.. TorchReference.Names];

    private static Tensor Flat => Tensor.From(2L, 0, 1, 2);

    private static Tensor Holes => Tensor.From(2L, -100, 1, 0);

    private static Tensor Wide => Tensor.From([2L, 0, 1, 2, 1, 1, 0, 2], [2, 4]);

    private static Tensor Weights => Tensor.From(0.5, 2, 1.25);

    private static Tensor Shares => new Softmax(1).Forward(Fill("shares", 4, 3) * 3);

    private static Tensor Target => Fill("t", 4, 3);

    [Theory, MemberData(nameof(Names))]
    public void Values_gradients_and_buffers_are_those_of_libtorch(string name)
    {
        var expected = Expected(name);
        var found = Rows[name]();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        foreach (var (answer, tensor) in expected)
        {
            Assert.Equal((answer, tensor.Shape), (answer, found[answer].Shape));
            Assert.True(Compare.Relative(tensor, found[answer]) <= (name is "Hardsigmoid" or "Selu" ? ConstantsOfFloat32 : 1e-9), $"{name}, {answer}: {found[answer]} should be {tensor}");
        }
    }

    [Fact]
    public void Every_row_has_an_answer_of_libtorch() => Assert.Equal(TorchReference.Names.Order(StringComparer.Ordinal), Rows.Keys.Order(StringComparer.Ordinal));

    private static Answers Layer(Module layer, params int[] shape) => Layer(layer, Leaf("x", shape));

    private static Answers Layer(Module layer, Tensor x)
    {
        Set(layer);
        var y = layer.Forward(x);
        y.Backward(Fill("dy", [.. y.Shape]));
        var found = new Answers { ["y"] = y };
        if (x.RequiresGrad)
            found["dx"] = x.Grad!;
        found.Add(layer);
        return found;
    }

    private static Answers Function(Func<Tensor, Tensor> function, params int[] shape)
    {
        var x = Leaf("x", shape);
        var y = function(x);
        y.Backward(y.Rank == 0 ? null : Fill("dy", [.. y.Shape]));
        return new() { ["y"] = y, ["dx"] = x.Grad! };
    }

    private static Answers BatchNormTwice()
    {
        var layer = new BatchNorm2d(3);
        Set(layer);
        layer.Forward(Fill("first", 2, 3, 2, 3));
        var y2 = layer.Forward((Fill("second", 4, 3, 1, 2) * 2) + 1);
        layer.Eval();
        var x = Leaf("x", 2, 3, 2, 2);
        var y = layer.Forward(x);
        y.Backward(Fill("dy", [.. y.Shape]));
        var found = new Answers { ["y2"] = y2, ["y"] = y, ["dx"] = x.Grad! };
        found.Add(layer);
        return found;
    }

    private static Answers Recurrent<T>(T module, Func<T, Tensor, Tensor[], Tensor[]> call, int[] shape, int[] stateShape, int states = 1) where T : ModuleBase
    {
        Set(module);
        var x = Leaf("x", shape);
        Tensor[] given = [.. new[] { "h", "c" }.Take(states).Select(name => Leaf(name, stateShape))];
        var outputs = Array.ConvertAll(call(module, x, given), output => output.Keep());
        var loss = outputs.Index().Select(o => (o.Item * Fill($"dy{o.Index}", [.. o.Item.Shape])).Sum()).Aggregate((a, b) => a + b);
        loss.Backward();
        var found = new Answers { ["dx"] = x.Grad! };
        foreach (var (i, output) in outputs.Index())
            found[$"y{i}"] = output;
        foreach (var (i, state) in given.Index())
            found[$"ds{i}"] = state.Grad!;
        found.Add(module);
        return found;
    }

    private static void Set(ModuleBase module)
    {
        module.To(DType.Double);
        foreach (var (name, parameter) in module.NamedParameters())
            parameter.Assign(Fill(name, [.. parameter.Shape]));
    }

    private static Tensor[] List((Tensor Y, Tensor Hidden) outputs) => [outputs.Y, outputs.Hidden];

    private static Tensor[] List((Tensor Y, LstmState State) outputs) => [outputs.Y, outputs.State.Hidden, outputs.State.Cell];

    private static Tensor[] List(LstmState state) => [state.Hidden, state.Cell];

    private sealed class Answers : Dictionary<string, Tensor>
    {
        public void Add(ModuleBase module)
        {
            foreach (var (name, parameter) in module.NamedParameters())
                this[$"d.{name}"] = parameter.Grad!;
            foreach (var (name, buffer) in module.NamedBuffers())
                this[$"b.{name}"] = buffer.To(DType.Double);
        }
    }
}
