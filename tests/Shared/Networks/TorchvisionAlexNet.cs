using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Tests.Networks;

/// <summary>
/// AlexNet as torchvision has it ("one weird trick", without groups and normalisation) and torch.onnx writes it for inference (alexnet_Opset17.onnx
/// in the model zoo): x [N,3,224,224] to output [N,1000].
/// </summary>
public static class TorchvisionAlexNet
{
    private static readonly SeededWeights Seeded = new(seed: 2);

    /// <summary>The network with seeded weights.</summary>
    /// <param name="batch">The batch: 1 as in the zoo's file, or a symbol.</param>
    /// <param name="opset">The operator set.</param>
    public static Model Build(Dim? batch = null, long opset = GraphBuilder.DefaultOpset)
    {
        var builder = new GraphBuilder("main_graph", opset);
        var x = builder.Input("x", DType.Float32, new(batch ?? 1, 3, 224, 224));
        x = ConvRelu(builder, 0, x, [64, 3, 11, 11], stride: 4, pad: 2);
        x = Pool(builder, 2, x);
        x = ConvRelu(builder, 3, x, [192, 64, 5, 5], stride: 1, pad: 2);
        x = Pool(builder, 5, x);
        x = ConvRelu(builder, 6, x, [384, 192, 3, 3], stride: 1, pad: 1);
        x = ConvRelu(builder, 8, x, [256, 384, 3, 3], stride: 1, pad: 1);
        x = ConvRelu(builder, 10, x, [256, 256, 3, 3], stride: 1, pad: 1);
        x = Pool(builder, 12, x);
        // The adaptive pooling to 6x6 finds 6x6 already.
        x = Node(builder, new AveragePool { Window = new() { KernelShape = [1, 1], Strides = [1, 1] } }, "/avgpool/AveragePool", x);
        x = Node(builder, new Flatten { Axis = 1 }, "/Flatten", x);
        x = Node(builder, new Elementwise("Relu"), "/classifier/classifier.2/Relu", Linear(builder, 1, x, [4096, 9216]));
        x = Node(builder, new Elementwise("Relu"), "/classifier/classifier.5/Relu", Linear(builder, 4, x, [4096, 4096]));
        builder.Output("output", Linear(builder, 6, x, [1000, 4096]));
        return builder.Build();
    }

    private static Value ConvRelu(GraphBuilder builder, int index, Value x, long[] w, long stride, long pad)
    {
        var conv = new Conv { Window = new() { Dilations = [1, 1], KernelShape = [w[2], w[3]], Pads = [pad, pad, pad, pad], Strides = [stride, stride] } };
        var y = Node(builder, conv, $"/features/features.{index}/Conv", x, Parameters(builder, $"features.{index}", w));
        return Node(builder, new Elementwise("Relu"), $"/features/features.{index + 1}/Relu", y);
    }

    private static Value Pool(GraphBuilder builder, int index, Value x) =>
        Node(builder, new MaxPool { Window = new() { Dilations = [1, 1], KernelShape = [3, 3], Pads = [0, 0, 0, 0], Strides = [2, 2] } }, $"/features/features.{index}/MaxPool", x);

    private static Value Linear(GraphBuilder builder, int index, Value x, long[] w) =>
        Node(builder, new Gemm { TransB = true }, $"/classifier/classifier.{index}/Gemm", x, Parameters(builder, $"classifier.{index}", w));

    private static Value Node(GraphBuilder builder, Op op, string name, Value x, params Value[] parameters) =>
        builder.Add(op, [x, .. parameters], name, [$"{name}_output_0"]).Outputs[0]!;

    private static Value[] Parameters(GraphBuilder builder, string name, long[] w) =>
    [
        builder.Weight($"{name}.weight", Seeded.Weights($"{name}.weight", w)),
        builder.Weight($"{name}.bias", Seeded.Uniform($"{name}.bias", -0.1f, 0.1f, w[0])),
    ];
}
