using Anneal.Onnx;

namespace Anneal.Training.Tests.Tuning;

/// <summary>
/// Small networks that begin and end as the well-known ones do in the files that circulate, each in the operator set of its time: input data [N,3,16,16],
/// ten classes.
/// </summary>
internal static class SmallNetworks
{
    private const long Classes = 10;

    /// <summary>Caffe2's AlexNet: everything listed as inputs, Reshape to a constant, Dropout with its mask, Softmax at the end.</summary>
    public static Model AlexNet()
    {
        var g = new RawGraph(opset: 7, irVersion: 3);
        var x = g.MaxPool("pool1", g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2));
        x = g.Node("Reshape", "flat", [x, g.Ints("flat_shape", 0, 128)]);
        x = g.Relu("relu6", g.Gemm("fc6", x, 20, 128));
        x = g.Nodes("Dropout", "drop6", [x], 2, NodeAttribute.Of("ratio", 0.5f))[0];
        x = g.Gemm("fc8", x, Classes, 20);
        return g.Build((g.Node("Softmax", "prob", [x]), [Classes]));
    }

    /// <summary>VGG of torch.onnx: Flatten, three Gemm, no Softmax.</summary>
    public static Model Vgg()
    {
        var g = new RawGraph(opset: 17);
        var x = g.MaxPool("pool1", g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2));
        x = g.Node("Flatten", "flatten", [x], RawGraph.Single("axis", 1));
        x = g.Relu("relu0", g.Gemm("classifier0", x, 16, 128));
        x = g.Node("Dropout", "drop1", [x]);
        x = g.Relu("relu3", g.Gemm("classifier3", x, 12, 16));
        return g.Build((g.Gemm("classifier6", x, Classes, 12, NodeAttribute.Of("alpha", 0.5f), NodeAttribute.Of("beta", 2f)), [Classes]));
    }

    /// <summary>ResNet v1 of Gluon.</summary>
    public static Model ResNetV1()
    {
        var g = new RawGraph(opset: 8, irVersion: 3);
        var x = g.Relu("relu1", g.Norm("bn1", g.Conv("conv1", g.Input(), [8, 3, 3, 3], stride: 2, bias: false), 8));
        var body = g.Norm("bn2", g.Conv("conv2", x, [8, 8, 3, 3], bias: false), 8);
        x = g.Relu("relu2", g.Node("Add", "plus", [body, x]));
        x = g.Node("Flatten", "flatten", [g.Node("GlobalAveragePool", "pool", [x])]);
        return g.Build((g.Gemm("dense0", x, Classes, 8), [Classes]));
    }

    /// <summary>ResNet v1 of a PyTorch of 2019: the batch is asked for, the rest of the shape is a constant; the classes go through another such Reshape.</summary>
    public static Model ResNetWithView()
    {
        var g = new RawGraph(opset: 11, irVersion: 6);
        var x = g.Node("GlobalAveragePool", "pool", [g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2)]);
        x = View(g, "view1", x, 8);
        x = g.Gemm("fc", x, Classes, 8);
        return g.Build((View(g, "view2", x, Classes), [Classes]));
    }

    /// <summary>ResNet v2 of Gluon: normalised behind the last sum.</summary>
    public static Model ResNetV2() => ResNetV2(withHead: true);

    /// <summary>ResNet v2 without its dense layer.</summary>
    public static Model ResNetV2Features() => ResNetV2(withHead: false);

    /// <summary>The backbone of a ResNet that gives its last maps, not yet pooled.</summary>
    public static Model Maps()
    {
        var g = new RawGraph(opset: 9, irVersion: 4);
        var x = g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2);
        return g.Build((g.Relu("last", g.Node("Add", "plus", [g.Conv("conv2", x, [8, 8, 3, 3]), x])), [8, 8, 8]));
    }

    /// <summary>SqueezeNet: a 1x1 convolution makes the classes; its rectifier and the pooling come behind it.</summary>
    public static Model SqueezeNet()
    {
        var g = new RawGraph(opset: 9, irVersion: 3);
        var x = g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2);
        x = g.Node("Concat", "fire", [g.ConvRelu("expand1", x, [4, 8, 1, 1]), g.ConvRelu("expand3", x, [4, 8, 3, 3])], RawGraph.Single("axis", 1));
        x = g.Nodes("Dropout", "drop9", [x], 2)[0];
        x = g.Node("GlobalAveragePool", "pool10", [g.ConvRelu("conv10", x, [Classes, 8, 1, 1])]);
        return g.Build((g.Node("Softmax", "softmaxout", [x]), [Classes, 1, 1]));
    }

    /// <summary>MobileNetV2 of Gluon: pooled, a 1x1 convolution without bias, Reshape to a constant number of classes.</summary>
    public static Model MobileNetV2()
    {
        var g = new RawGraph(opset: 10, irVersion: 4);
        var x = g.Norm("bn1", g.Conv("conv1", g.Input(), [8, 3, 3, 3], stride: 2, bias: false), 8);
        x = g.Node("Clip", "relu6", [x], NodeAttribute.Of("min", 0f), NodeAttribute.Of("max", 6f));
        x = g.Node("AveragePool", "pool", [x], RawGraph.Of("kernel_shape", 8, 8));
        x = g.Conv("pred", x, [Classes, 8, 1, 1], bias: false);
        return g.Build((g.Node("Reshape", "output", [x, g.Ints("output_shape", -1, Classes)]), [Classes]));
    }

    /// <summary>DenseNet of Caffe2: scale and shift as nodes of their own, and a 1x1 convolution behind the pooling.</summary>
    public static Model DenseNet()
    {
        var g = new RawGraph(opset: 9, irVersion: 3);
        var x = g.Conv("conv1", g.Input(), [8, 3, 3, 3], stride: 2);
        x = g.Node("Concat", "concat", [x, g.Conv("conv2", g.Relu("relu0", x), [4, 8, 3, 3])], RawGraph.Single("axis", 1));
        x = g.Norm("bn", x, 12);
        x = g.Node("Mul", "scale", [x, g.Node("Unsqueeze", "scale_w1", [g.Vector("scale_w", 12, 0.5f, 1.5f)], RawGraph.Of("axes", 1, 2))]);
        x = g.Node("Add", "shift", [x, g.Node("Unsqueeze", "shift_b1", [g.Vector("shift_b", 12)], RawGraph.Of("axes", 1, 2))]);
        x = g.Node("GlobalAveragePool", "pool", [g.Relu("relu", x)]);
        return g.Build((g.Conv("fc6", x, [Classes, 12, 1, 1]), [Classes, 1, 1]));
    }

    /// <summary>GoogLeNet as it is trained: two auxiliary classifiers, listed first, and a weight that is stored in another shape.</summary>
    public static Model GoogLeNet()
    {
        var g = new RawGraph(opset: 9, irVersion: 3);
        var x = g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2);
        var aux = g.Node("Flatten", "aux_flat", [g.Node("GlobalAveragePool", "aux_pool", [x])]);
        var first = g.Node("Softmax", "loss1_prob", [g.Gemm("loss1", aux, Classes, 8)]);
        x = g.Node("Concat", "inception", [g.ConvRelu("branch1", x, [4, 8, 1, 1]), g.ConvRelu("branch3", x, [4, 8, 3, 3])], RawGraph.Single("axis", 1));
        x = g.Node("AveragePool", "pool5", [x], RawGraph.Of("kernel_shape", 8, 8));
        x = g.Nodes("Dropout", "pool5_drop", [x], 2)[0];
        x = g.Node("Reshape", "pool5_flat", [x, g.Ints("pool5_shape", -1, 8)]);
        var weight = g.Node("Reshape", "classifier_view", [g.Weight("classifier_w", 1, 1, Classes, 8), g.Ints("classifier_shape", Classes, 8)]);
        x = g.Node("Gemm", "loss3", [x, weight, g.Vector("classifier_b", Classes)], RawGraph.Single("transB", 1));
        return g.Build((first, [Classes]), (g.Node("Softmax", "prob", [x]), [Classes]));
    }

    /// <summary>Inception of TensorFlow: the mean over the maps, MatMul and Add, LogSoftmax; the weights are nodes Constant; logits given too.</summary>
    public static Model Inception()
    {
        var g = new RawGraph(opset: 12, irVersion: 7);
        var x = g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2);
        x = g.Node("Concat", "mixed", [g.ConvRelu("branch1", x, [4, 8, 1, 1]), g.ConvRelu("branch3", x, [4, 8, 3, 3])], RawGraph.Single("axis", 1));
        x = g.Node("ReduceMean", "mean", [x], RawGraph.Of("axes", 2, 3), RawGraph.Single("keepdims", 0));
        var weight = g.Node("Constant", "weights", [], NodeAttribute.Of("value", TensorData.Create("", [.. Enumerable.Range(0, 80).Select(i => i / 80f)], 8, Classes)));
        x = g.Node("Add", "bias_add", [g.Vector("biases", Classes), g.Node("MatMul", "matmul", [x, weight])]);
        return g.Build((g.Node("LogSoftmax", "predictions", [x]), [Classes]), (x, [Classes]));
    }

    /// <summary>A head in operator set 6: Gemm is told to broadcast its bias, Squeeze has its axes as an attribute.</summary>
    public static Model Opset6() => Opset6(withHead: true);

    /// <summary>Features in operator set 6.</summary>
    public static Model Opset6Features() => Opset6(withHead: false);

    private static Model Opset6(bool withHead)
    {
        var g = new RawGraph(opset: 6, irVersion: 3);
        var x = g.Node("GlobalAveragePool", "pool", [g.Relu("relu1", g.Node("Sum", "plus", [g.Conv("conv1", g.Input(), [8, 3, 3, 3], stride: 2)]))]);
        x = g.Node("Squeeze", "squeeze", [x], RawGraph.Of("axes", 2, 3));
        return withHead ? g.Build((g.Gemm("fc", x, Classes, 8, RawGraph.Single("broadcast", 1)), [Classes])) : g.Build((x, [8]));
    }

    private static Model ResNetV2(bool withHead)
    {
        var g = new RawGraph(opset: 13);
        var x = g.Conv("conv1", g.Input(), [8, 3, 3, 3], stride: 2);
        x = g.Node("Add", "plus", [x, g.Conv("conv2", g.Relu("relu1", g.Norm("bn1", x, 8)), [8, 8, 3, 3])]);
        x = g.Node("GlobalAveragePool", "pool", [g.Relu("relu2", g.Norm("bn2", x, 8))]);
        x = g.Node("Flatten", "flatten", [x]);
        return withHead
            ? g.Build((g.Node("MatMul", "dense", [x, g.Weight("dense_w", 8, Classes)]), [Classes]))
            : g.Build((x, [8]));
    }

    private static Value View(RawGraph g, string name, Value x, long extent)
    {
        var batch = g.Node("Gather", $"{name}_batch", [g.Node("Shape", $"{name}_of", [x]), g.Constant(TensorData.Scalar($"{name}_zero", 0L))], RawGraph.Single("axis", 0));
        var list = g.Node("Unsqueeze", $"{name}_list", [batch], RawGraph.Of("axes", 0));
        return g.Node("Reshape", name, [x, g.Node("Concat", $"{name}_shape", [list, g.Ints($"{name}_rest", extent)], RawGraph.Single("axis", 0))]);
    }
}
