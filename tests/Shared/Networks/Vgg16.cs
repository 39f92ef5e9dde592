using Anneal.Onnx;

namespace Anneal.Tests.Networks;

/// <summary>VGG-16 as Gluon trained it and the ONNX model zoo has it (vgg16-7.onnx): data [1,3,224,224] to vgg0_dense2_fwd [1,1000].</summary>
public static class Vgg16
{
    private static readonly (int Convolutions, long Channels)[] Blocks = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)];

    /// <summary>The network with seeded weights: 138,357,544 of them, 553 MB once they are read.</summary>
    /// <param name="batch">The batch: 1 as in the zoo's file, or a symbol.</param>
    /// <param name="opset">The operator set.</param>
    public static Model Build(Dim? batch = null, long opset = GraphBuilder.DefaultOpset)
    {
        const string Prefix = "vgg0_";
        var builder = new GraphBuilder("mxnet_converted_model", opset);
        var layers = new MxnetLayers(builder, new(seed: 16));
        var (x, channels) = (layers.Input("data", new(batch ?? 1, 3, 224, 224)), 3L);
        foreach (var (convolutions, outputs) in Blocks)
        {
            for (var i = 0; i < convolutions; i++, channels = outputs)
                x = layers.Relu(Prefix, layers.Conv(Prefix, x, [outputs, channels, 3, 3], stride: 1, pad: 1, bias: true));
            x = layers.MaxPool(Prefix, x, kernel: 2, pad: 0);
        }
        x = layers.Dropout(Prefix, layers.Dense(Prefix, x, 4096, 512 * 7 * 7, relu: true));
        x = layers.Dropout(Prefix, layers.Dense(Prefix, x, 4096, 4096, relu: true));
        builder.Output(layers.Dense(Prefix, x, 1000, 4096, relu: false));
        return builder.Build();
    }
}
