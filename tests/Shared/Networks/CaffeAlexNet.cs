using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Tests.Networks;

/// <summary>
/// AlexNet as Caffe trained it and the ONNX model zoo has it (bvlcalexnet-12.onnx): data_0 [1,3,224,224] to prob_1 [1,1000], convolutions in two
/// groups, local response normalisation.
/// </summary>
public static class CaffeAlexNet
{
    /// <summary>The network with seeded weights.</summary>
    public static Model Build(long opset = GraphBuilder.DefaultOpset)
    {
        var builder = new GraphBuilder("bvlc_alexnet", opset);
        var layers = new Layers(builder);
        var x = builder.Input("data_0", DType.Float32, new(1, 3, 224, 224));
        x = layers.ConvRelu("conv1", x, [96, 3, 11, 11], stride: 4, pad: 0, group: 1);
        x = layers.NormPool(1, x);
        x = layers.ConvRelu("conv2", x, [256, 48, 5, 5], stride: 1, pad: 2, group: 2);
        x = layers.NormPool(2, x);
        x = layers.ConvRelu("conv3", x, [384, 256, 3, 3], stride: 1, pad: 1, group: 1);
        x = layers.ConvRelu("conv4", x, [384, 192, 3, 3], stride: 1, pad: 1, group: 2);
        x = layers.ConvRelu("conv5", x, [256, 192, 3, 3], stride: 1, pad: 1, group: 2);
        x = layers.Pool("pool5_1", x, [0, 0, 1, 1]);
        var shape = builder.Weight("OC2_DUMMY_1", TensorData.Create<long>("", [1, 9216], 2));
        x = builder.Add(new Reshape(), [x, shape], "OC2_DUMMY_0").Outputs[0]!;
        x = layers.LinearReluDropout("fc6", x, [4096, 9216]);
        x = layers.LinearReluDropout("fc7", x, [4096, 4096]);
        x = layers.Linear("fc8", x, [1000, 4096]);
        builder.Output(builder.Add(new Softmax(), [x], "prob_1").Outputs[0]!);
        return builder.Build();
    }

    private sealed class Layers(GraphBuilder builder)
    {
        private readonly SeededWeights _weights = new(seed: 1);

        public Value ConvRelu(string name, Value x, long[] w, long stride, long pad, long group)
        {
            var conv = new Conv { Group = group, Window = new() { Strides = [stride, stride], Pads = [pad, pad, pad, pad], KernelShape = [w[2], w[3]] } };
            var y = builder.Add(conv, [x, Weights($"{name}_w_0", w), Bias($"{name}_b_0", w[0])], $"{name}_1").Outputs[0]!;
            return Relu($"{name}_2", y);
        }

        public Value NormPool(int number, Value x)
        {
            var norm = builder.Add(new LRN { Size = 5, Alpha = 1e-4f, Beta = 0.75f, Bias = 1 }, [x], $"norm{number}_1").Outputs[0]!;
            return Pool($"pool{number}_1", norm, [0, 0, 0, 0]);
        }

        public Value Pool(string name, Value x, AttributeList<long> pads) =>
            builder.Add(new MaxPool { Window = new() { Strides = [2, 2], Pads = pads, KernelShape = [3, 3] } }, [x], name).Outputs[0]!;

        public Value LinearReluDropout(string name, Value x, long[] w) =>
            builder.Add(new Dropout(), [Relu($"{name}_2", Linear(name, x, w))], $"{name}_3", [$"{name}_3", $"_{name}_mask_1"]).Outputs[0]!;

        public Value Linear(string name, Value x, long[] w) =>
            builder.Add(new Gemm { TransB = true }, [x, Weights($"{name}_w_0", w), Bias($"{name}_b_0", w[0])], $"{name}_1").Outputs[0]!;

        private Value Relu(string name, Value x) => builder.Add(new Elementwise("Relu"), [x], name).Outputs[0]!;

        private Value Weights(string name, long[] dims) => builder.Weight(name, _weights.Weights(name, dims));

        private Value Bias(string name, long count) => builder.Weight(name, _weights.Uniform(name, -0.1f, 0.1f, count));
    }
}
