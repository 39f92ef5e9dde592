using Anneal.Onnx;
using Anneal.Tests.Networks;

namespace Anneal.Training.Tests.Tuning;

/// <summary>Writes small networks node by node, in the form of any operator set, with seeded weights.</summary>
internal sealed class RawGraph(long opset, long irVersion = 8)
{
    private readonly Graph _graph = new("small");
    private readonly SeededWeights _weights = new(seed: 5);

    public Value Input(string name = "data", params long[] extents) =>
        _graph.AddInput(name, new TensorType(DType.Float32, new(["N", .. (extents.Length == 0 ? [3, 16, 16] : extents).Select(Dim.Of)])));

    public Value Weight(string name, params long[] dims) => Constant(_weights.Weights(name, dims));

    public Value Vector(string name, long count, float from = -0.1f, float to = 0.1f) => Constant(_weights.Uniform(name, from, to, count));

    public Value Ints(string name, params long[] values) => Constant(TensorData.Create(name, values, values.Length));

    public Value Constant(TensorData tensor)
    {
        var value = _graph.AddInitializer(tensor);
        if (irVersion > 3)
            return value;
        _graph.MakeInput(value);
        value.Type = tensor.Type;
        return value;
    }

    public Value Node(string opType, string name, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes) => Nodes(opType, name, inputs, 1, attributes)[0];

    public IReadOnlyList<Value> Nodes(string opType, string name, IEnumerable<Value?> inputs, int outputs, params IEnumerable<NodeAttribute> attributes)
    {
        var node = _graph.AddNode(opType, inputs, Enumerable.Range(0, outputs).Select(i => i == 0 ? $"{name}_out" : $"{name}_out{i}"), attributes);
        node.Name = name;
        return [.. node.Outputs.Select(output => output!)];
    }

    public Value Conv(string name, Value x, long[] w, long stride = 1, bool bias = true) => Node(
        "Conv", name, [x, Weight($"{name}_w", w), .. bias ? [Vector($"{name}_b", w[0])] : Array.Empty<Value>()],
        Of("kernel_shape", w[2], w[3]), Of("pads", w[2] / 2, w[3] / 2, w[2] / 2, w[3] / 2), Of("strides", stride, stride));

    public Value Norm(string name, Value x, long channels) => Node(
        "BatchNormalization", name, [x, Vector($"{name}_gamma", channels, 0.5f, 1.5f), Vector($"{name}_beta", channels), Vector($"{name}_mean", channels), Vector($"{name}_var", channels, 0.5f, 1.5f)]);

    public Value Relu(string name, Value x) => Node("Relu", name, [x]);

    public Value ConvRelu(string name, Value x, long[] w, long stride = 1) => Relu($"{name}_relu", Conv(name, x, w, stride));

    public Value MaxPool(string name, Value x) => Node("MaxPool", name, [x], Of("kernel_shape", 2, 2), Of("strides", 2, 2));

    public Value Gemm(string name, Value x, long outputs, long inputs, params IEnumerable<NodeAttribute> attributes) =>
        Node("Gemm", name, [x, Weight($"{name}_w", outputs, inputs), Vector($"{name}_b", outputs)], [NodeAttribute.Of("transB", 1L), .. attributes]);

    public Model Build(params (Value Value, long[] Extents)[] outputs)
    {
        foreach (var (value, extents) in outputs)
        {
            value.Type = new TensorType(DType.Float32, new(["N", .. extents.Select(Dim.Of)]));
            _graph.AddOutput(value);
        }
        var model = new Model(_graph) { IrVersion = irVersion, ProducerName = "tests" };
        model.OperatorSets[""] = opset;
        model.Metadata["Image.NominalPixelRange"] = "NominalRange_0_255";
        return model;
    }

    public static NodeAttribute Single(string name, long value) => NodeAttribute.Of(name, value);

    public static NodeAttribute Of(string name, params long[] values) => NodeAttribute.Of(name, values.AsEnumerable());
}
