using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Training.Data;

namespace Anneal.Training.Tests.Data;

/// <summary>Batches: the same for every number of threads, in order, bounded, and gone when they have to be.</summary>
public sealed class DataLoaderTests
{
    private static readonly ISampleEncoder<int> Plain = SampleEncoder.From<int>([2], (sample, slot) =>
    {
        (slot[0], slot[1]) = (sample, -sample);
        return sample % 3;
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Batches_hold_the_samples_in_order_and_the_last_may_be_smaller()
    {
        var loader = new DataLoader<int>(Numbers(10), Plain, new() { BatchSize = 4 });
        var seen = new List<(int Number, int[] Samples, float[] Inputs, long[] Labels)>();
        foreach (var batch in loader.Epoch(0, cancellation: Token))
            seen.Add((batch.Number, [.. batch.Samples], batch.Inputs.ToArray<float>(), batch.Labels.ToArray<long>()));
        Assert.Equal(loader.BatchCount, seen.Count);
        Assert.Equal([0, 1, 2], seen.Select(batch => batch.Number));
        Assert.Equal([8, 9], seen[2].Samples);
        Assert.Equal([8, -8, 9, -9], seen[2].Inputs);
        Assert.Equal([2, 0], seen[2].Labels);
        Assert.Equal([4, -4, 5, -5, 6, -6, 7, -7], seen[1].Inputs);
    }

    [Fact]
    public void A_last_batch_that_is_not_full_can_be_dropped()
    {
        var loader = new DataLoader<int>(Numbers(10), Plain, new() { BatchSize = 4, DropLast = true });
        Assert.Equal(2, loader.BatchCount);
        Assert.Equal(2, loader.Epoch(0, cancellation: Token).Count());
        var error = Assert.Throws<AnnealException>(() => new DataLoader<int>(Numbers(3), Plain, new() { BatchSize = 4, DropLast = true }));
        Assert.Contains("3 samples", error.Message, StringComparison.Ordinal);
        Assert.Empty(new DataLoader<int>(Numbers(0), Plain).Epoch(0, cancellation: Token));
    }

    [Fact]
    public void Shuffled_epochs_have_every_sample_once_each_in_another_order()
    {
        var loader = new DataLoader<int>(Numbers(50), Plain, new() { BatchSize = 7, Order = SampleOrder.Shuffled, Seed = 5 });
        var (first, second) = (Samples(loader, 0), Samples(loader, 1));
        Assert.Equal(Enumerable.Range(0, 50), first.Order());
        Assert.Equal(Enumerable.Range(0, 50), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first, Samples(loader, 0));
        Assert.Equal(first, loader.Order(0));
        Assert.NotEqual(first, Samples(new DataLoader<int>(Numbers(50), Plain, loader.Options with { Seed = 6 }), 0));
    }

    [Fact]
    public void Fifty_batches_have_the_same_bits_for_0_2_and_4_workers_twice()
    {
        var expected = Digests(Pictures(400), workers: 0);
        Assert.Equal(50, expected.Count);
        Assert.Equal(50, expected.Distinct().Count());
        foreach (var workers in new[] { 0, 2, 4, 2, 4 })
            Assert.Equal(expected, Digests(Pictures(400), workers));
    }

    [Fact]
    public void An_epoch_that_goes_on_in_the_middle_has_the_batches_of_the_whole()
    {
        var whole = Digests(Pictures(64), workers: 2);
        Assert.Equal(whole.Skip(3), Digests(Pictures(64), workers: 2, firstBatch: 3));
        Assert.Empty(Digests(Pictures(64), workers: 2, firstBatch: 8));
    }

    [Fact]
    public async Task Batches_can_be_waited_for()
    {
        var loader = Loader(Pictures(64), workers: 2);
        var digests = new List<string>();
        await foreach (var batch in loader.EpochAsync(0, cancellation: Token))
            digests.Add(Digest(batch));
        Assert.Equal(Digests(Pictures(64), workers: 0), digests);
    }

    [Fact]
    public void Another_epoch_augments_differently()
    {
        var loader = new DataLoader<PictureSample>(Pictures(16), Augment.Strong(Cards.Cifar), new() { BatchSize = 16, Workers = 2 });
        string[] digests = [.. Enumerable.Range(0, 3).Select(epoch => Digest(loader.Epoch(epoch, cancellation: Token).First()))];
        Assert.Equal(3, digests.Distinct().Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_sample_that_fails_is_named_after_the_batches_before_it(int workers)
    {
        var dataset = Dataset.Generate(20, i => i is 9 or 10 ? throw new InvalidDataException($"bad {i}") : i, nameOf: i => $"file-{i}.jpg");
        var seen = new List<int>();
        var error = Assert.Throws<SampleException>(() =>
        {
            foreach (var batch in new DataLoader<int>(dataset, Plain, new() { BatchSize = 4, Workers = workers }).Epoch(0, cancellation: Token))
                seen.AddRange(batch.Samples);
        });
        Assert.Equal(Enumerable.Range(0, 8), seen);
        Assert.Equal((9, "file-9.jpg"), (error.SampleIndex, error.SampleName));
        Assert.Equal("Sample 9 (file-9.jpg) cannot be loaded: bad 9", error.Message);
        Assert.IsType<InvalidDataException>(error.InnerException);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_cancelled_epoch_ends_and_its_threads_with_it(int workers)
    {
        var threads = new ConcurrentDictionary<Thread, bool>();
        using var cancel = new CancellationTokenSource();
        var dataset = Dataset.Generate(1000, i => Noted(threads, i));
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var batch in new DataLoader<int>(dataset, Plain, new() { BatchSize = 4, Workers = workers }).Epoch(0, cancellation: cancel.Token))
                if (batch.Number == 2)
                    cancel.Cancel();
        });
        AssertEnded(threads, workers);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_while_a_sample_is_read()
    {
        using var cancel = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        var dataset = Dataset.Generate(8, i =>
        {
            cancel.Cancel();
            release.Wait(TimeSpan.FromSeconds(5));
            return i;
        });
        var loader = new DataLoader<int>(dataset, Plain, new() { BatchSize = 4, Workers = 1 });
        var waiting = Task.Run(async () =>
        {
            await foreach (var _ in loader.EpochAsync(0, cancellation: cancel.Token))
                Assert.Fail("No batch can be there.");
        }, Token);
        release.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void An_epoch_that_is_left_early_stops_its_threads()
    {
        var threads = new ConcurrentDictionary<Thread, bool>();
        var loader = new DataLoader<int>(Dataset.Generate(10_000, i => Noted(threads, i)), Plain, new() { BatchSize = 4, Workers = 3 });
        foreach (var batch in loader.Epoch(0, cancellation: Token))
            if (batch.Number == 1)
                break;
        AssertEnded(threads, 3);
    }

    [Fact]
    public void No_more_batches_are_made_ahead_than_allowed()
    {
        var read = 0;
        var dataset = Dataset.Generate(1000, i =>
        {
            Interlocked.Increment(ref read);
            return i;
        });
        using var batches = new DataLoader<int>(dataset, Plain, new() { BatchSize = 5, Workers = 2, Prefetch = 3 }).Epoch(0, cancellation: Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref read) >= 20, TimeSpan.FromSeconds(10)));
        Thread.Sleep(50);
        Assert.Equal(20, Volatile.Read(ref read));
        Assert.True(batches.MoveNext());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref read) >= 25, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_batch_goes_when_the_next_is_asked_for_unless_it_is_kept()
    {
        var batches = new List<Batch>();
        foreach (var batch in new DataLoader<int>(Numbers(12), Plain, new() { BatchSize = 4, Workers = 1 }).Epoch(0, cancellation: Token))
            batches.Add(batch.Number == 1 ? batch.Keep() : batch);
        Assert.Contains("gone on to the next batch", Assert.Throws<AnnealException>(() => batches[0].Inputs.ToArray<float>()).Message, StringComparison.Ordinal);
        Assert.Contains("gone on to the next batch", Assert.Throws<AnnealException>(() => batches[2].Labels.ToArray<long>()).Message, StringComparison.Ordinal);
        Assert.Equal([4, -4, 5, -5, 6, -6, 7, -7], batches[1].Inputs.ToArray<float>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_batch_belongs_to_the_scope_in_which_it_is_asked_for(int workers)
    {
        using var batches = new DataLoader<int>(Numbers(40), Plain, new() { BatchSize = 4, Workers = workers }).Epoch(0, cancellation: Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        Batch second;
        using (TensorScope.Begin())
        {
            Assert.True(batches.MoveNext());
            second = batches.Current;
            Assert.Equal(4, second.Inputs.AsSpan<float>()[0]);
        }
        Assert.Contains("scope", Assert.Throws<AnnealException>(() => second.Inputs.ToArray<float>()).Message, StringComparison.Ordinal);
        Assert.True(batches.MoveNext());
        Assert.Equal(8, batches.Current.Inputs.AsSpan<float>()[0]);
    }

    [Fact]
    public void Every_sample_that_is_read_is_given_back()
    {
        var (made, disposed) = (0, 0);
        var dataset = Dataset.Generate(30, i =>
        {
            Interlocked.Increment(ref made);
            return new Disposed(() => Interlocked.Increment(ref disposed));
        });
        var encoder = SampleEncoder.From<Disposed>([1], (_, _) => Volatile.Read(ref made) > 12 ? throw new InvalidDataException() : 0);
        Assert.Throws<SampleException>(() => new DataLoader<Disposed>(dataset, encoder, new() { BatchSize = 4, Workers = 2 }).Epoch(0, cancellation: Token).Count());
        Assert.Equal(made, disposed);
    }

    [Fact]
    public void Balanced_epochs_draw_every_class_as_often()
    {
        int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i < 900 ? 0 : i < 990 ? 1 : 2)];
        var order = SampleOrder.Balanced(labels, 30_000).Draw(1000, new Draws(1));
        // Five standard errors.
        Assert.All(order.CountBy(i => labels[i]), one => Assert.InRange(one.Value, 10_000 - 408, 10_000 + 408));
        Assert.Equal([1, 3], SampleOrder.Weighted([0, 2, 0, 1, 0], 1000).Draw(5, new Draws(2)).Distinct().Order());
        Assert.Throws<AnnealException>(() => SampleOrder.Weighted([1, -1]));
        Assert.Throws<AnnealException>(() => SampleOrder.Weighted([0, 0]));
        Assert.Throws<AnnealException>(() => new DataLoader<int>(Numbers(3), Plain, new() { Order = SampleOrder.Weighted([1, 1]) }));
    }

    [Fact]
    public void A_sample_that_comes_twice_is_augmented_differently()
    {
        var options = new DataLoaderOptions { BatchSize = 4, Order = SampleOrder.Weighted([1], 4), Workers = 0 };
        var batch = new DataLoader<PictureSample>(Pictures(1), Augment.Strong(Cards.Cifar), options).Epoch(0, cancellation: Token).First();
        Assert.Equal([0, 0, 0, 0], batch.Samples);
        Assert.True(batch.Inputs.ToArray<float>().Chunk(3 * 32 * 32).Select(one => Pattern.Digest(MemoryMarshal.AsBytes<float>(one))).Distinct().Count() > 1);
    }

    [Fact]
    public void Mixed_classes_are_shares_and_a_class_too_many_is_refused()
    {
        var options = new DataLoaderOptions { BatchSize = 8, Mix = BatchMix.OneOf(new Mixup(3), new CutMix(3)), Workers = 2 };
        foreach (var batch in new DataLoader<PictureSample>(Pictures(64), Augment.Basic(Cards.Cifar), options).Epoch(0, cancellation: Token))
        {
            var shares = batch.SoftLabels!.ToArray<float>().Chunk(3).ToArray();
            Assert.All(shares, row => Assert.Equal(1, row.Sum(), 1e-6));
            Assert.All(shares.Zip(batch.Labels.ToArray<long>()), one => Assert.True(one.First[one.Second] > 0));
        }
        var refused = Assert.Throws<SampleException>(() =>
            new DataLoader<PictureSample>(Pictures(64), Augment.Basic(Cards.Cifar), options with { Mix = new Mixup(2) }).Epoch(0, cancellation: Token).Count());
        Assert.Contains("Its class is 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        Assert.Contains("BatchSize is 0", Refusal(new() { BatchSize = 0 }), StringComparison.Ordinal);
        Assert.Contains("Workers is -1", Refusal(new() { Workers = -1 }), StringComparison.Ordinal);
        Assert.Contains("Prefetch is 0", Refusal(new() { Prefetch = 0 }), StringComparison.Ordinal);
        Assert.Throws<ShapeMismatchException>(() => new DataLoader<int>(Numbers(8), Plain, new() { Mix = BatchMix.OneOf(new Mixup(3), new CutMix(3)) }));
        var loader = new DataLoader<int>(Numbers(8), Plain);
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Epoch(-1, cancellation: Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.EpochAsync(0, 2, Token));
    }

    private static IDataset<int> Numbers(int count) => Dataset.Generate(count, i => i);

    private static IDataset<PictureSample> Pictures(int count) =>
        Dataset.Generate(count, i => new PictureSample(Pattern.Of(i % 2 == 0 ? "noise" : "soft", 30 + (i % 7), 28 + (i % 5), i % 4 == 3 ? 1 : 3), i % 3, $"pattern {i}"));

    private static DataLoader<PictureSample> Loader(IDataset<PictureSample> pictures, int workers) => new(pictures, Augment.Strong(Cards.Cifar), new()
    {
        BatchSize = 8,
        Order = SampleOrder.Shuffled,
        Seed = 11,
        Workers = workers,
        Mix = BatchMix.OneOf(new Mixup(3, 0.2), new CutMix(3)),
    });

    private static List<string> Digests(IDataset<PictureSample> pictures, int workers, int firstBatch = 0) =>
        [.. Loader(pictures, workers).Epoch(0, firstBatch, Token).Select(Digest)];

    private static string Digest(Batch batch) => Pattern.Digest(
        [.. MemoryMarshal.AsBytes(batch.Inputs.AsSpan<float>()), .. MemoryMarshal.AsBytes(batch.Labels.AsSpan<long>()),
            .. batch.SoftLabels is { } soft ? MemoryMarshal.AsBytes(soft.AsSpan<float>()) : []]);

    private static int[] Samples(DataLoader<int> loader, int epoch) => [.. loader.Epoch(epoch, cancellation: Token).SelectMany(batch => batch.Samples)];

    private static int Noted(ConcurrentDictionary<Thread, bool> threads, int sample)
    {
        threads[Thread.CurrentThread] = true;
        return sample;
    }

    private static void AssertEnded(ConcurrentDictionary<Thread, bool> threads, int workers)
    {
        Assert.InRange(threads.Count, 1, Math.Max(workers, 1));
        if (workers > 0)
            Assert.All(threads.Keys, thread => Assert.False(thread.IsAlive));
        else
            Assert.Equal([Thread.CurrentThread], threads.Keys);
    }

    private static string Refusal(DataLoaderOptions options) =>
        Assert.Throws<AnnealException>(() => new DataLoader<int>(Numbers(8), Plain, options)).Message;

    private sealed class Disposed(Action note) : IDisposable
    {
        public void Dispose() => note();
    }
}
