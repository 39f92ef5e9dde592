using System.Numerics;
using Anneal.Onnx.Ops;
using Anneal.Training;
using Anneal.Training.Cpu;

namespace Anneal.Bench.Torch;

/// <summary>Steps of training as the peer does them: forward, cross entropy, backward, SGD with momentum 0.9.</summary>
internal sealed class TrainingLoop
{
    private const float LearningRate = 0.01f;
    private const float Momentum = 0.9f;

    private readonly Net _net;
    private readonly Parameter[] _parameters;
    private readonly Tensor _x;
    private readonly Tensor _labels;
    private readonly Tensor[] _velocities;

    public TrainingLoop(string net, int batch)
    {
        var random = new Random(2);
        _net = Net.Create(net);
        _x = Tensor.From(Enumerable.Range(0, batch * 3 * 224 * 224).Select(_ => (random.NextSingle() * 2) - 1).ToArray(), [batch, 3, 224, 224]);
        _labels = Tensor.From(Enumerable.Range(0, batch).Select(_ => random.NextInt64(1000)).ToArray(), [batch]);
        _parameters = [.. _net.Parameters()];
        _velocities = [.. _parameters.Select(parameter => parameter.ZerosLike())];
    }

    /// <summary>One step.</summary>
    /// <returns>The loss before it.</returns>
    public double Step()
    {
        using var step = TensorScope.Begin();
        var loss = Tensor.Apply(new SoftmaxCrossEntropyLoss(), _net.Forward(_x), _labels);
        loss.Backward();
        for (var i = 0; i < _velocities.Length; i++)
            Update(_parameters[i], _velocities[i]);
        return loss.Item();
    }

    private static unsafe void Update(Parameter parameter, Tensor velocity)
    {
        var work = new UpdateWork((float*)parameter.Grad!.Address, (float*)velocity.Address, (float*)parameter.Address, parameter.Count);
        Workers.Run(ElementLoops.Chunks(parameter.Count), ref work);
        parameter.ZeroGrad();
    }

    private readonly unsafe struct UpdateWork(float* gradient, float* velocity, float* weight, int count) : IWork
    {
        public void Run(int part)
        {
            var (i, end) = (part * ElementLoops.Chunk, Math.Min((part + 1) * ElementLoops.Chunk, count));
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                var v = (Vector.Load(velocity + i) * Momentum) + Vector.Load(gradient + i);
                Vector.Store(v, velocity + i);
                Vector.Store(Vector.Load(weight + i) - (v * LearningRate), weight + i);
            }
            for (; i < end; i++)
            {
                velocity[i] = (velocity[i] * Momentum) + gradient[i];
                weight[i] -= velocity[i] * LearningRate;
            }
        }
    }
}
