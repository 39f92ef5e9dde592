using Anneal.Training.Data;
using Anneal.Training.Devices;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Data;

/// <summary>Loading takes no more memory in the thousandth batch than in the tenth.</summary>
[Collection(nameof(Alone))]
public sealed class LoaderMemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_thousand_batches_take_the_memory_of_a_few(int workers)
    {
        var pixels = new byte[3 * 36 * 36];
        var pictures = Dataset.Generate(4000, i => new PictureSample(Picture.FromPixels(36, 36, pixels), i % 2, $"picture {i}"));
        var loader = new DataLoader<PictureSample>(pictures, Augment.Basic(Cards.Cifar), new() { BatchSize = 4, Workers = workers });
        var pool = ComputeDevice.Cpu.Pool;
        var (allocations, used, managed) = (0L, 0L, 0L);
        foreach (var batch in loader.Epoch(0, cancellation: TestContext.Current.CancellationToken))
        {
            if (batch.Number == 20)
            {
                Alone.Settle();
                (allocations, used, managed) = (pool.Allocations, pool.BytesInUse, GC.GetTotalMemory(forceFullCollection: true));
            }
            if (batch.Number != 990)
                continue;
            Assert.Equal(allocations, pool.Allocations);
            Assert.Equal(used, pool.BytesInUse);
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, managed + (256 << 10));
        }
    }
}
