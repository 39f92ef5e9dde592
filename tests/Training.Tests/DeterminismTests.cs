using Anneal.Onnx;
using Anneal.Training.Optim;
using Anneal.Training.Tests.Optim;

namespace Anneal.Training.Tests;

/// <summary>The same bits with any number of threads, and each time.</summary>
[Collection(nameof(Alone))]
public sealed class DeterminismTests
{
    private const int Steps = 50;
    private const int Batch = 4;

    [Fact]
    public void Fifty_steps_with_normalisation_are_the_same_bits_with_1_2_and_4_threads_twice()
    {
        var pictures = new CifarPictures(Steps * Batch, Batch);
        var before = Threads.Count;
        try
        {
            var expected = Train(pictures, threads: 1);
            foreach (var threads in new[] { 1, 2, 2, 4, 4 })
                Assert.Equal(expected, Train(pictures, threads));
        }
        finally
        {
            Threads.Count = before;
        }
    }

    /// <summary>The loss of every step and all weights at the end, as bits.</summary>
    private static List<uint> Train(CifarPictures pictures, int threads)
    {
        Threads.Count = threads;
        var net = Trainee.Normalised();
        var optimizer = new Sgd(net.Parameters, new() { LearningRate = 1e-3, Momentum = 0.9 });
        var bits = new List<uint>();
        for (var step = 0; step < Steps; step++)
        {
            using var scope = TensorScope.Begin();
            var (x, labels) = pictures.Batch(step, DType.Float32);
            optimizer.ZeroGrad();
            var loss = net.Loss(x, labels);
            loss.Backward();
            net.Parameters.ClipGradNorm(1);
            optimizer.Step();
            bits.Add(BitConverter.SingleToUInt32Bits((float)loss.Item()));
        }
        foreach (var parameter in net.Parameters)
            foreach (var element in parameter.AsSpan<float>())
                bits.Add(BitConverter.SingleToUInt32Bits(element));
        return bits;
    }
}
