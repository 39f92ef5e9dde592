using System.Diagnostics;
using System.Globalization;
using Anneal.Onnx.Ops;
using Anneal.Training;
using Anneal.Training.Data;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Zoo;
using Flatten = Anneal.Training.Nn.Flatten;

namespace Anneal.Bench.Cifar;

/// <summary>
/// One training: three blocks of convolution, batch normalisation, ReLU and pooling (16, 32, 64 channels), a linear layer; batches of 64, random
/// crops (border 4) and flips; SGD with momentum 0.9, decay 5e-4 of every parameter, and a rate that falls from 0.02 along a cosine, step by step.
/// </summary>
internal sealed class CifarTraining
{
    private const int BatchSize = 64;
    private const int Side = 32;
    private const int Classes = 10;

    private static readonly Preprocessing Preprocessing = new()
    {
        Color = ColorOrder.Rgb,
        Orientation = OrientationPolicy.Ignore,
        Divide = 255,
        Mean = [0.4914f, 0.4822f, 0.4465f],
        Std = [0.2470f, 0.2435f, 0.2616f],
        Layout = TensorLayout.Nchw,
    };

    private readonly CifarOptions _options;
    private readonly int _seed;
    private readonly DataLoader<PictureSample> _train;
    private readonly DataLoader<PictureSample> _test;
    private readonly Sequential _net;
    private readonly Sgd _optimizer;
    private readonly Scheduler _scheduler;

    public CifarTraining(CifarOptions options, int seed)
    {
        (_options, _seed) = (options, seed);
        _train = new(
            new ImageFolder(Path.Combine(options.Data, "train")),
            new PicturePipeline(Preprocessing, Side, Side, new RandomCrop(Side, Side, 4), new RandomHorizontalFlip()),
            new() { BatchSize = BatchSize, Order = SampleOrder.Shuffled, Seed = (ulong)seed });
        _test = new(new ImageFolder(Path.Combine(options.Data, "test")), new PicturePipeline(Preprocessing, Side, Side), new() { BatchSize = 100 });
        _net = Network(new Generator((ulong)seed));
        _optimizer = new(_net.Parameters(), new() { LearningRate = 0.02, Momentum = 0.9, WeightDecay = 5e-4 });
        _scheduler = new(_optimizer, new Cosine((long)options.Epochs * _train.BatchCount));
    }

    public CifarResult Run()
    {
        var (accuracy, seconds) = (0.0, 0.0);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            var start = Stopwatch.GetTimestamp();
            var loss = Train(epoch);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            seconds += elapsed;
            accuracy = Test();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"seed {_seed} epoch {epoch + 1}: loss {loss:F4}, test accuracy {accuracy:P1}, {elapsed:F1} s"));
        }
        return new(_seed, accuracy, seconds / _options.Epochs);
    }

    private static Sequential Network(Generator generator) => new(
        new Conv2d(3, 16, 3, padding: 1, bias: false, generator: generator), new BatchNorm2d(16), new Relu(), new MaxPool2d(2),
        new Conv2d(16, 32, 3, padding: 1, bias: false, generator: generator), new BatchNorm2d(32), new Relu(), new MaxPool2d(2),
        new Conv2d(32, 64, 3, padding: 1, bias: false, generator: generator), new BatchNorm2d(64), new Relu(), new MaxPool2d(2),
        new Flatten(), new Linear(64 * 4 * 4, Classes, generator: generator));

    /// <summary>An epoch of steps.</summary>
    /// <returns>The mean loss of its pictures, each before its step.</returns>
    private double Train(int epoch)
    {
        _net.Train();
        var sum = 0.0;
        foreach (var batch in _train.Epoch(epoch))
        {
            using var step = TensorScope.Begin();
            _optimizer.ZeroGrad();
            var loss = Loss.CrossEntropy(_net.Forward(batch.Inputs), batch.Labels);
            loss.Backward();
            _optimizer.Step();
            _scheduler.Step();
            sum += loss.Item() * batch.Count;
        }
        return sum / _train.SampleCount;
    }

    private double Test()
    {
        _net.Eval();
        var right = 0;
        foreach (var batch in _test.Epoch(0))
        {
            using var scope = TensorScope.Begin();
            using var off = Grad.Off();
            var found = Tensor.Apply(new ArgMax { Axis = 1, Keepdims = false }, _net.Forward(batch.Inputs)).ToArray<long>();
            right += found.Zip(batch.Labels.ToArray<long>()).Count(pair => pair.First == pair.Second);
        }
        return (double)right / _test.SampleCount;
    }
}
