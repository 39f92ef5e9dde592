using Anneal.Onnx;

namespace Anneal.Tests.Networks;

/// <summary>
/// ResNet v1 as Gluon trained it and the ONNX model zoo has it (resnet18-v1-7.onnx and its siblings), BatchNormalization kept: data [N,3,224,224] to
/// resnetv1…_dense0_fwd [N,1000]. The 1x1 convolutions of a bottleneck's body have biases, as there.
/// </summary>
public static class ResNetV1
{
    /// <summary>The network with seeded weights.</summary>
    /// <param name="layers">18, 34, 50, 101 or 152.</param>
    /// <param name="opset">The operator set.</param>
    public static Model Build(int layers, long opset = GraphBuilder.DefaultOpset)
    {
        var (prefix, blocks) = Plan(layers);
        var builder = new GraphBuilder("mxnet_converted_model", opset);
        var network = new Stages(new(builder, new(seed: (ulong)layers)), isBottleneck: layers >= 50);
        builder.Output(network.Write(prefix, blocks));
        return builder.Build();
    }

    private static (string Prefix, int[] Blocks) Plan(int layers) => layers switch
    {
        18 => ("resnetv15_", [2, 2, 2, 2]),
        34 => ("resnetv16_", [3, 4, 6, 3]),
        50 => ("resnetv17_", [3, 4, 6, 3]),
        101 => ("resnetv18_", [3, 4, 23, 3]),
        152 => ("resnetv19_", [3, 8, 36, 3]),
        _ => throw new ArgumentOutOfRangeException(nameof(layers), layers, "ResNet v1 has 18, 34, 50, 101 or 152 layers."),
    };

    private sealed class Stages(MxnetLayers layers, bool isBottleneck)
    {
        public Value Write(string prefix, int[] blocks)
        {
            var x = layers.Conv(prefix, layers.Input("data", new("N", 3, 224, 224)), [64, 3, 7, 7], stride: 2, pad: 3, bias: false);
            x = layers.MaxPool(prefix, layers.Relu(prefix, layers.BatchNorm(prefix, x)), kernel: 3, pad: 1);
            var channels = 64L;
            for (var stage = 0; stage < blocks.Length; stage++)
                for (var block = 0; block < blocks[stage]; block++)
                {
                    var outputs = (isBottleneck ? 256L : 64L) << stage;
                    x = Block($"{prefix}stage{stage + 1}_", x, channels, outputs, stride: block == 0 && stage > 0 ? 2 : 1);
                    channels = outputs;
                }
            return layers.Dense(prefix, layers.GlobalAveragePool(prefix, x), 1000, channels, relu: false);
        }

        private Value Block(string prefix, Value x, long inputs, long outputs, long stride)
        {
            var body = isBottleneck ? Bottleneck(prefix, x, inputs, outputs, stride) : Basic(prefix, x, inputs, outputs, stride);
            var residual = inputs == outputs && stride == 1
                ? x
                : layers.BatchNorm(prefix, layers.Conv(prefix, x, [outputs, inputs, 1, 1], stride, pad: 0, bias: false));
            return layers.Activation(prefix, layers.Plus(prefix, residual, body));
        }

        private Value Basic(string prefix, Value x, long inputs, long outputs, long stride)
        {
            x = layers.Relu(prefix, layers.BatchNorm(prefix, layers.Conv(prefix, x, [outputs, inputs, 3, 3], stride, pad: 1, bias: false)));
            return layers.BatchNorm(prefix, layers.Conv(prefix, x, [outputs, outputs, 3, 3], stride: 1, pad: 1, bias: false));
        }

        private Value Bottleneck(string prefix, Value x, long inputs, long outputs, long stride)
        {
            var middle = outputs / 4;
            x = layers.Relu(prefix, layers.BatchNorm(prefix, layers.Conv(prefix, x, [middle, inputs, 1, 1], stride, pad: 0, bias: true)));
            x = layers.Relu(prefix, layers.BatchNorm(prefix, layers.Conv(prefix, x, [middle, middle, 3, 3], stride: 1, pad: 1, bias: false)));
            return layers.BatchNorm(prefix, layers.Conv(prefix, x, [outputs, middle, 1, 1], stride: 1, pad: 0, bias: true));
        }
    }
}
