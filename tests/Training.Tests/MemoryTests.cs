using Anneal.Onnx;
using Anneal.Training.Devices;
using Anneal.Training.Ops;
using Anneal.Training.Optim;
using Anneal.Training.Tests.Optim;

namespace Anneal.Training.Tests;

/// <summary>What a training takes: nothing that grows, and little that the garbage collector has to do.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const int Batch = 2;

    // An operator makes its result, what the tape keeps of it and what the backward pass carries.
    private const int MostBytes = 300;

    [Fact]
    public void A_loop_without_any_Dispose_stays_as_large_as_it_was()
    {
        var pool = ComputeDevice.Cpu.Pool;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        pool.Trim();
        var train = Training();
        UntilSettled(pool, train);
        var (held, mostHeld, gen2) = (pool.BytesInUse + pool.BytesFree, 0L, GC.CollectionCount(2));
        var resident = new double[10];
        for (var i = 0; i < resident.Length; i++)
        {
            Repeat(100);
            mostHeld = Math.Max(mostHeld, pool.BytesInUse + pool.BytesFree);
            resident[i] = Environment.WorkingSet;
        }
        // The process also holds compiled code and the collector's own room, which come and go: half is held against half.
        var (before, after) = (resident[..5].Average(), resident[5..].Average());
        output.WriteLine($"pool {held} then {mostHeld} bytes; process {before:F0} then {after:F0}; {GC.CollectionCount(2) - gen2} collections of everything");
        Assert.InRange(mostHeld, 0, held * 1.02);
        Assert.InRange(after, 0, before * 1.02);
        Assert.Equal(gen2, GC.CollectionCount(2));

        void Repeat(int steps)
        {
            for (var step = 0; step < steps; step++)
                train();
        }
    }

    [Fact]
    public void A_steady_step_asks_the_device_for_nothing_and_little_of_the_garbage_collector()
    {
        var train = Training();
        for (var step = 0; step < 300; step++)
            Scoped();
        var (allocations, bytes, calls) = (ComputeDevice.Cpu.Pool.Allocations, GC.GetAllocatedBytesForCurrentThread(), Sizing.CallsOnThisThread);
        for (var step = 0; step < 20; step++)
            Scoped();
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        calls = Sizing.CallsOnThisThread - calls;
        output.WriteLine($"{calls / 20} operators a step, {(double)bytes / calls:F0} bytes each");
        Assert.Equal(allocations, ComputeDevice.Cpu.Pool.Allocations);
        Assert.InRange((double)bytes / calls, 0, MostBytes);

        void Scoped()
        {
            using var scope = TensorScope.Begin();
            train();
        }
    }

    /// <summary>
    /// Trains until the pool has stayed as large as it is for many steps. Dropped tensors are looked for every few hundred, each time at another place
    /// in a step: after a few such times the loop has all that it will ever hold.
    /// </summary>
    private static void UntilSettled(MemoryPool pool, Action train)
    {
        const int still = 1_000;
        const int most = 10_000;
        var (size, since) = (0L, 0);
        for (var steps = 0; steps - since < still; steps++)
        {
            Assert.InRange(steps, 0, most);
            train();
            if (pool.BytesInUse + pool.BytesFree > size)
                (size, since) = (pool.BytesInUse + pool.BytesFree, steps);
        }
    }

    private static Action Training()
    {
        var net = Trainee.Small(DType.Float32);
        var optimizer = new Sgd(net.Parameters, new() { LearningRate = 1e-3, Momentum = 0.9 });
        float[] pixels = [.. Enumerable.Range(0, Batch * 3 * 32 * 32).Select(i => (i * 37 % 101 / 50f) - 1)];
        long[] labels = [.. Enumerable.Range(0, Batch).Select(i => (long)i)];
        return () =>
        {
            optimizer.ZeroGrad();
            var loss = net.Loss(Tensor.From(pixels, [Batch, 3, 32, 32]), Tensor.From(labels));
            loss.Backward();
            optimizer.Step();
        };
    }
}
