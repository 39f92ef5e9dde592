using Anneal.Onnx.Ops;
using Anneal.Training;

namespace Anneal.Bench.Torch;

/// <summary>A network with random weights: torchvision's layers and arithmetic, without dropout. x [N,3,224,224] to scores [N,1000].</summary>
internal sealed class Net : Training.Nn.Module
{
    private readonly Random _random = new(1);
    private readonly Func<Tensor, Tensor> _forward;
    private int _parts;

    private Net(Func<Net, Func<Tensor, Tensor>> build) => _forward = build(this);

    /// <summary>A network by the peer's name of it.</summary>
    public static Net Create(string name) => new(name switch
    {
        "alexnet" => AlexNet,
        "vgg16" => Vgg16,
        "resnet50" => net => ResNet(net, [3, 4, 6, 3]),
        "resnet101" => net => ResNet(net, [3, 4, 23, 3]),
        "tiny" => net => ResNet(net, [1, 1]),
        _ => throw new ArgumentException($"There is no net '{name}': alexnet, vgg16, resnet50, resnet101, or tiny, of pictures of any size, to rehearse with."),
    });

    protected override Tensor Compute(Tensor x) => _forward(x);

    private static Func<Tensor, Tensor> AlexNet(Net net) => Chain(
        net.Conv(3, 64, 11, 4, 2), Relu, MaxPool(3, 2, 0),
        net.Conv(64, 192, 5, 1, 2), Relu, MaxPool(3, 2, 0),
        net.Conv(192, 384, 3, 1, 1), Relu,
        net.Conv(384, 256, 3, 1, 1), Relu,
        net.Conv(256, 256, 3, 1, 1), Relu, MaxPool(3, 2, 0),
        Flatten, net.Linear(9216, 4096), Relu, net.Linear(4096, 4096), Relu, net.Linear(4096, 1000));

    private static Func<Tensor, Tensor> Vgg16(Net net)
    {
        var layers = new List<Func<Tensor, Tensor>>();
        var channels = 3;
        foreach (var width in new[] { 64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0 })
        {
            layers.AddRange(width == 0 ? [MaxPool(2, 2, 0)] : [net.Conv(channels, width, 3, 1, 1), Relu]);
            channels = width == 0 ? channels : width;
        }
        return Chain([.. layers, Flatten, net.Linear(25088, 4096), Relu, net.Linear(4096, 4096), Relu, net.Linear(4096, 1000)]);
    }

    private static Func<Tensor, Tensor> ResNet(Net net, int[] depths)
    {
        var layers = new List<Func<Tensor, Tensor>> { net.Conv(3, 64, 7, 2, 3, bias: false), net.BatchNorm(64), Relu, MaxPool(3, 2, 1) };
        var channels = 64;
        for (var stage = 0; stage < depths.Length; stage++)
            for (var block = 0; block < depths[stage]; block++)
            {
                layers.Add(net.Bottleneck(channels, 64 << stage, stage > 0 && block == 0 ? 2 : 1));
                channels = 256 << stage;
            }
        return Chain([.. layers, x => Tensor.Apply(new GlobalAveragePool(), x), Flatten, net.Linear(channels, 1000)]);
    }

    private Func<Tensor, Tensor> Bottleneck(int channels, int planes, int stride)
    {
        var body = Chain(
            Conv(channels, planes, 1, 1, 0, bias: false), BatchNorm(planes), Relu,
            Conv(planes, planes, 3, stride, 1, bias: false), BatchNorm(planes), Relu,
            Conv(planes, 4 * planes, 1, 1, 0, bias: false), BatchNorm(4 * planes));
        var shortcut = stride == 1 && channels == 4 * planes
            ? x => x
            : Chain(Conv(channels, 4 * planes, 1, stride, 0, bias: false), BatchNorm(4 * planes));
        return x => (body(x) + shortcut(x)).Relu();
    }

    private Func<Tensor, Tensor> Conv(int channels, int outputs, int kernel, int stride, int pad, bool bias = true)
    {
        var op = new Conv { Window = new() { KernelShape = [kernel, kernel], Strides = [stride, stride], Pads = [pad, pad, pad, pad] } };
        var w = Weight([outputs, channels, kernel, kernel], channels * kernel * kernel);
        var b = bias ? Constant(outputs, 0) : null;
        return x => Tensor.Apply(op, x, w, b);
    }

    private Func<Tensor, Tensor> Linear(int inputs, int outputs)
    {
        var op = new Gemm { TransB = true };
        var (w, b) = (Weight([outputs, inputs], inputs), Constant(outputs, 0));
        return x => Tensor.Apply(op, x, w, b);
    }

    private Func<Tensor, Tensor> BatchNorm(int channels)
    {
        var (op, inUse) = (new BatchNormalization { TrainingMode = true }, new BatchNormalization());
        var (scale, bias) = (Constant(channels, 1), Constant(channels, 0));
        var (mean, variance) = (State(Tensor.Zeros([channels])), State(Tensor.Ones([channels])));
        return x =>
        {
            if (!IsTraining)
                return Tensor.Apply(inUse, x, scale, bias, mean, variance);
            var y = Tensor.ApplyAll(op, 3, x, scale, bias, mean, variance);
            mean.Assign(y[1]);
            variance.Assign(y[2]);
            return y[0];
        };
    }

    private static Tensor Relu(Tensor x) => x.Relu();

    private static Tensor Flatten(Tensor x) => x.Flatten();

    private static Func<Tensor, Tensor> MaxPool(int kernel, int stride, int pad)
    {
        var op = new MaxPool { Window = new() { KernelShape = [kernel, kernel], Strides = [stride, stride], Pads = [pad, pad, pad, pad] } };
        return x => Tensor.Apply(op, x);
    }

    private static Func<Tensor, Tensor> Chain(params Func<Tensor, Tensor>[] layers) => x => layers.Aggregate(x, (y, layer) => layer(y));

    /// <summary>Spread so that a signal keeps its size (He et al. 2015).</summary>
    private Parameter Weight(TensorShape shape, int inputs)
    {
        var limit = MathF.Sqrt(6f / inputs);
        var elements = new float[shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = ((_random.NextSingle() * 2) - 1) * limit;
        return Add(Tensor.From(elements, shape));
    }

    private Parameter Constant(int count, double value) => Add(Tensor.Full([count], value));

    private Parameter Add(Tensor initial) => Register($"w{_parts++}", new Parameter(initial));

    private StateTensor State(Tensor initial) => Register($"s{_parts++}", new StateTensor(initial));
}
