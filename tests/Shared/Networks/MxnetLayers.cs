using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Tests.Networks;

/// <summary>Writes layers the way MXNet's ONNX export names and numbers them: the networks of the zoo that came from Gluon.</summary>
internal sealed class MxnetLayers(GraphBuilder builder, SeededWeights weights)
{
    private readonly Dictionary<string, int> _numbers = [];

    // MXNet numbers the entries of its symbol: variables and operators alike. A flattening that the export adds is called after the number of
    // the dense layer behind it.
    private int _entries;

    public Value Input(string name, Shape shape)
    {
        _entries++;
        return builder.Input(name, DType.Float32, shape);
    }

    public Value Conv(string prefix, Value x, long[] w, long stride, long pad, bool bias)
    {
        var name = Next(prefix, "conv");
        var conv = new Conv { Window = new() { Dilations = [1, 1], KernelShape = [w[2], w[3]], Pads = [pad, pad, pad, pad], Strides = [stride, stride] } };
        return Node(conv, $"{name}_fwd", [x, .. Parameters(name, w, bias)]);
    }

    public Value BatchNorm(string prefix, Value x)
    {
        var name = Next(prefix, "batchnorm");
        var channels = ((TensorType)x.Type!).Shape![1].Value;
        // Scales below 1 keep the sums of many residual blocks from growing out of bounds.
        return Node(new BatchNormalization { Epsilon = 1e-5f, Momentum = 0.9f }, $"{name}_fwd",
        [
            x,
            Vector($"{name}_gamma", 0.4f, 0.8f, channels),
            Vector($"{name}_beta", -0.1f, 0.1f, channels),
            Vector($"{name}_running_mean", -0.1f, 0.1f, channels),
            Vector($"{name}_running_var", 0.5f, 1.5f, channels),
        ]);
    }

    public Value Relu(string prefix, Value x) => Node(new Elementwise("Relu"), $"{Next(prefix, "relu")}_fwd", [x]);

    public Value Activation(string prefix, Value x) => Node(new Elementwise("Relu"), Next(prefix, "activation"), [x]);

    public Value Plus(string prefix, Value a, Value b) => Node(new Elementwise("Add"), Next(prefix, "_plus"), [a, b]);

    public Value MaxPool(string prefix, Value x, long kernel, long pad) =>
        Node(new MaxPool { Window = new() { KernelShape = [kernel, kernel], Pads = [pad, pad, pad, pad], Strides = [2, 2] } }, $"{Next(prefix, "pool")}_fwd", [x]);

    public Value GlobalAveragePool(string prefix, Value x) => Node(new GlobalAveragePool(), $"{Next(prefix, "pool")}_fwd", [x]);

    /// <summary>A flattening and a linear layer, with a rectifier or without.</summary>
    public Value Dense(string prefix, Value x, long outputs, long inputs, bool relu)
    {
        var name = Next(prefix, "dense");
        var parameters = Parameters(name, [outputs, inputs], bias: true);
        var flat = builder.Add(new Flatten(), [x], $"flatten_{_entries}").Outputs[0]!;
        var y = Node(new Gemm { TransB = true }, $"{name}_fwd", [flat, .. parameters]);
        return relu ? Node(new Elementwise("Relu"), $"{name}_relu_fwd", [y]) : y;
    }

    public Value Dropout(string prefix, Value x) => Node(new Dropout(), $"{Next(prefix, "dropout")}_fwd", [x]);

    private Value Node(Op op, string name, IReadOnlyList<Value> inputs)
    {
        _entries++;
        return builder.Add(op, inputs, name).Outputs[0]!;
    }

    private Value[] Parameters(string name, long[] w, bool bias)
    {
        _entries++;
        var weight = builder.Weight($"{name}_weight", weights.Weights($"{name}_weight", w));
        return bias ? [weight, Vector($"{name}_bias", -0.1f, 0.1f, w[0])] : [weight];
    }

    private Value Vector(string name, float from, float to, long count)
    {
        _entries++;
        return builder.Weight(name, weights.Uniform(name, from, to, count));
    }

    private string Next(string prefix, string kind)
    {
        var number = _numbers.GetValueOrDefault(prefix + kind);
        _numbers[prefix + kind] = number + 1;
        return $"{prefix}{kind}{number}";
    }
}
