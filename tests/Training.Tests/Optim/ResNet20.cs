using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Optim;

/// <summary>
/// ResNet-20 for CIFAR with seeded weights (He et al. 2015, "Deep Residual Learning for Image Recognition", section 4.2, with option A: a shortcut takes every
/// second pixel, and the channels that it lacks are 0). x [N,3,H,W] to [N,10].
/// </summary>
internal sealed class ResNet20 : Module
{
    private readonly Sequential _layers;

    public ResNet20(ulong seed)
    {
        var generator = new Generator(seed);
        var layers = new List<Module> { new Conv2d(3, 16, 3, padding: 1, bias: false, generator: generator), new BatchNorm2d(16), new Relu() };
        var channels = 16;
        foreach (var width in new[] { 16, 16, 16, 32, 32, 32, 64, 64, 64 })
        {
            layers.Add(new Block(channels, width, generator));
            channels = width;
        }
        _layers = Register("layers", new Sequential([.. layers, new AdaptiveAvgPool2d(1), new Flatten(), new Linear(64, 10, generator: generator)]));
    }

    protected override Tensor Compute(Tensor x) => _layers.Forward(x);

    private sealed class Block : Module
    {
        private readonly Sequential _body;
        private readonly int _added;

        public Block(int inputs, int outputs, Generator generator)
        {
            _added = outputs - inputs;
            _body = Register("body", new Sequential(
                new Conv2d(inputs, outputs, 3, stride: inputs == outputs ? 1 : 2, padding: 1, bias: false, generator: generator), new BatchNorm2d(outputs), new Relu(),
                new Conv2d(outputs, outputs, 3, padding: 1, bias: false, generator: generator), new BatchNorm2d(outputs)));
        }

        protected override Tensor Compute(Tensor x) => (_body.Forward(x) + (_added == 0 ? x : Shortcut(x))).Relu();

        private Tensor Shortcut(Tensor x)
        {
            var half = x.Slice(2, 0, x.Shape[2], 2).Slice(3, 0, x.Shape[3], 2);
            return Tensor.Concat(1, half, Tensor.Zeros([half.Shape[0], _added, half.Shape[2], half.Shape[3]], half.DType, half.Device));
        }
    }
}
