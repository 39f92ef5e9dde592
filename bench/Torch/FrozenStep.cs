using Anneal.Training;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Training.Tuning;

namespace Anneal.Bench.Torch;

/// <summary>A step with everything frozen but the head, on pictures in memory: the frozen part in ONNX Runtime, the head here.</summary>
internal sealed class FrozenStep : IDisposable
{
    private readonly FrozenFeatures _front;
    private readonly OnnxModule _head;
    private readonly Sgd _optimizer;
    private readonly Tensor _x;
    private readonly Tensor _labels;

    public FrozenStep(int layers, int batch)
    {
        var fresh = ClassifierHead.Find(Tests.Networks.ResNetV1.Build(layers)).WithClasses(1000, new Draws(1));
        var cut = ModelCut.Leading(fresh.Model, fresh.ParameterNames.Contains) ?? throw new InvalidOperationException("Nothing is frozen before the head.");
        (_front, _head) = (new(cut), new(cut.Rest));
        _optimizer = new(_head.Parameters(), new() { LearningRate = 0.01, Momentum = 0.9 });
        var random = new Random(2);
        _x = Tensor.From(Enumerable.Range(0, batch * 3 * 224 * 224).Select(_ => (random.NextSingle() * 2) - 1).ToArray(), [batch, 3, 224, 224]);
        _labels = Tensor.From(Enumerable.Range(0, batch).Select(_ => random.NextInt64(1000)).ToArray(), [batch]);
        _head.Train();
    }

    public void Step()
    {
        using var scope = TensorScope.Begin();
        _optimizer.ZeroGrad();
        Loss.CrossEntropy(_head.Forward(_front.Run(_x)), _labels).Backward();
        _optimizer.Step();
    }

    public void Dispose() => _front.Dispose();
}
