using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Optim;

/// <summary>A network that tests train: its parameters and buffers in a fixed order, and what it computes.</summary>
internal sealed record Trainee(IReadOnlyList<Parameter> Parameters, IReadOnlyList<MutableTensor> Buffers, Func<Tensor, Tensor> Forward)
{
    /// <summary>Two convolutions with pooling and a linear layer, without normalisation; its weights come from integers that libtorch's side used too.</summary>
    public static Trainee Small(DType dtype)
    {
        Parameter[] p =
        [
            Weight(0, [8, 3, 3, 3], 0.3, dtype), Weight(1, [8], 0.1, dtype), Weight(2, [16, 8, 3, 3], 0.15, dtype), Weight(3, [16], 0.1, dtype),
            Weight(4, [10, 1024], 0.04, dtype), Weight(5, [10], 0.1, dtype),
        ];
        var conv = new Conv { Window = new() { KernelShape = [3, 3], Pads = [1, 1, 1, 1] } };
        var pool = new MaxPool { Window = new() { KernelShape = [2, 2], Strides = [2, 2] } };
        return new(p, [], x =>
        {
            x = Tensor.Apply(pool, Tensor.Apply(conv, x, p[0], p[1]).Relu());
            x = Tensor.Apply(pool, Tensor.Apply(conv, x, p[2], p[3]).Relu());
            return Tensor.Apply(new Gemm { TransB = true }, x.Flatten(), p[4], p[5]);
        });
    }

    /// <summary>Two convolutions with batch normalisation, wide enough to be shared among threads.</summary>
    public static Trainee Normalised()
    {
        Parameter[] p =
        [
            Weight(0, [16, 3, 3, 3], 0.3, DType.Float32), new(Tensor.Ones([16])), Weight(1, [16], 0.1, DType.Float32),
            Weight(2, [96, 16, 3, 3], 0.1, DType.Float32), new(Tensor.Ones([96])), Weight(3, [96], 0.1, DType.Float32),
            Weight(4, [10, 96 * 64], 0.02, DType.Float32), Weight(5, [10], 0.1, DType.Float32),
        ];
        var conv = new Conv { Window = new() { KernelShape = [3, 3], Pads = [1, 1, 1, 1] } };
        var norm = new Onnx.Ops.BatchNormalization { TrainingMode = true };
        var pool = new MaxPool { Window = new() { KernelShape = [2, 2], Strides = [2, 2] } };
        return new(p, [], x =>
        {
            x = Tensor.Apply(pool, Norm(Tensor.Apply(conv, x, p[0]), p[1], p[2]).Relu());
            x = Tensor.Apply(pool, Norm(Tensor.Apply(conv, x, p[3]), p[4], p[5]).Relu());
            return Tensor.Apply(new Gemm { TransB = true }, x.Flatten(), p[6], p[7]);
        });

        Tensor Norm(Tensor x, Tensor scale, Tensor bias) => Tensor.Apply(norm, x, scale, bias, bias, scale);
    }

    /// <summary>ResNet-20 as the file has it, normalising by its batches.</summary>
    public static Trainee ResNet20(DType dtype)
    {
        var net = new OnnxModule(OnnxFile.Load(TestData.Require("models", "resnet20-cifar10.onnx")));
        net.To(dtype);
        net.Train();
        return new([.. net.Parameters()], [.. net.Buffers()], net.Forward);
    }

    /// <summary>ResNet-20 with seeded weights, which needs no file.</summary>
    public static Trainee SeededResNet20()
    {
        var net = new ResNet20(seed: 20);
        return new([.. net.Parameters()], [.. net.Buffers()], net.Forward);
    }

    /// <summary>The mean of -log softmax at the labels.</summary>
    public Tensor Loss(Tensor x, Tensor labels) => Tensor.Apply(new SoftmaxCrossEntropyLoss(), Forward(x), labels);

    private static Parameter Weight(int number, int[] shape, double bound, DType dtype)
    {
        var values = new double[TensorShape.Of(shape).ElementCount];
        for (var i = 0L; i < values.Length; i++)
            values[i] = (float)(bound * ((((i * 7919) + (number * 104729L) + (i * i % 1009 * 31)) % 2003 / 1001.0) - 1));
        return new(Tensor.From(values, TensorShape.Of(shape)).To(dtype)) { Name = $"p{number}" };
    }
}
