using Anneal.Onnx;
using Anneal.Training.Optim;
using Anneal.Training.Tests.Optim;

namespace Anneal.Training.Tests;

/// <summary>The same bits with any number of threads, and each time.</summary>
[Collection(nameof(Alone))]
public sealed class DeterminismTests
{
    [Fact]
    public void Fifty_steps_with_normalisation_are_the_same_bits_with_1_2_and_4_threads_twice()
    {
        const int steps = 50, batch = 4;
        var pictures = new CifarPictures(steps * batch, batch);
        RequireSameBits(() => Train(Trainee.Normalised(), step => pictures.Batch(step, DType.Float32), steps));
    }

    [Fact]
    public void Three_steps_of_ResNet_20_are_the_same_bits_with_1_2_and_4_threads_twice() =>
        RequireSameBits(() => Train(Trainee.SeededResNet20(), Noise, steps: 3));

    private static void RequireSameBits(Func<List<uint>> train)
    {
        var before = Threads.Count;
        try
        {
            Threads.Count = 1;
            var expected = train();
            foreach (var threads in new[] { 1, 2, 2, 4, 4 })
            {
                Threads.Count = threads;
                Assert.Equal(expected, train());
            }
        }
        finally
        {
            Threads.Count = before;
        }
    }

    /// <summary>Eight pictures of 16 × 16 pixels that are noise, another lot for each step.</summary>
    private static (Tensor X, Tensor Labels) Noise(int step) =>
        (new Generator((ulong)step).Normal([8, 3, 16, 16]), Tensor.From([0L, 1, 2, 3, 4, 5, 6, 7], [8]));

    /// <summary>The loss of every step, all weights and all running statistics at the end, as bits.</summary>
    private static List<uint> Train(Trainee net, Func<int, (Tensor X, Tensor Labels)> batch, int steps)
    {
        var optimizer = new Sgd(net.Parameters, new() { LearningRate = 1e-3, Momentum = 0.9 });
        var bits = new List<uint>();
        for (var step = 0; step < steps; step++)
        {
            using var scope = TensorScope.Begin();
            var (x, labels) = batch(step);
            optimizer.ZeroGrad();
            var loss = net.Loss(x, labels);
            loss.Backward();
            net.Parameters.ClipGradNorm(1);
            optimizer.Step();
            bits.Add(BitConverter.SingleToUInt32Bits((float)loss.Item()));
        }
        foreach (var tensor in net.Parameters.Concat(net.Buffers).Where(tensor => tensor.DType == DType.Float32))
            foreach (var element in tensor.AsSpan<float>())
                bits.Add(BitConverter.SingleToUInt32Bits(element));
        return bits;
    }
}
