using System.Diagnostics;
using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>Tests that measure the whole process run when no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>One session in many hands: concurrent runs, cancellation, disposal.</summary>
[Collection(nameof(Alone))]
public sealed class SharingTests
{
    private const int Width = 700;
    private static readonly EngineOptions OnCpu = new() { Device = Device.Cpu, Spinning = false };
    private static readonly byte[] Slow = SlowModel();

    [Fact]
    public void Many_threads_run_one_session_and_each_gets_its_own_answer()
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Affine()), OnCpu with { Threads = 1 });

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            var (x, y) = (new float[64], new float[64]);
            for (var run = 0; run < 500; run++)
            {
                var batch = 1 + ((thread + run) % 8);
                x.AsSpan().Fill((thread * 1000) + run);
                var input = NamedTensor.Create("x", x.AsMemory(0, batch * 8), batch, 8);
                session.Run([input], [NamedTensor.Create("y", y.AsMemory(0, batch * 8), batch, 8)]);
                Assert.All(y[..(batch * 8)], value => Assert.Equal((3f * ((thread * 1000) + run)) + 1, value));
                Assert.Equal(y[..(batch * 8)], session.Run([input])[0].As<float>().ToArray());
            }
        });
    }

    [Fact]
    public void A_token_that_is_cancelled_already_runs_nothing()
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Slow), OnCpu);
        var watch = Stopwatch.StartNew();

        var error = Assert.ThrowsAny<OperationCanceledException>(() => session.Run([Square()], new CancellationToken(canceled: true)));

        Assert.True(error.CancellationToken.IsCancellationRequested);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void A_long_run_ends_early_when_it_is_cancelled_and_the_session_goes_on()
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Slow), OnCpu);
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();

        var error = Assert.ThrowsAny<OperationCanceledException>(() => session.Run([Square()], source.Token));

        // The whole run is 2,000 products of two 700 x 700 matrices, 1.4 TFLOP: most of a minute on two cores at 30 GFLOP/s each.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"It took {watch.Elapsed}.");
        Assert.Equal(source.Token, error.CancellationToken);
        using var again = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run([Square()], [NamedTensor.Allocate("y", DType.Float32, Width, Width)], again.Token));
    }

    [Fact]
    public async Task A_cancelled_run_leaves_no_mark_on_the_next()
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Affine()), OnCpu);
        var x = NamedTensor.Create<float>("x", new float[8], 1, 8);
        for (var i = 0; i < 200; i++)
        {
            using var source = new CancellationTokenSource();
            var cancel = Task.Run(source.Cancel);
            try
            {
                session.Run([x], source.Token);
            }
            catch (OperationCanceledException error)
            {
                Assert.Equal(source.Token, error.CancellationToken);
            }
            Assert.Equal(1, session.Run([x])[0].As<float>().Span[0]);
            await cancel;
        }
    }

    [Fact]
    public async Task Disposal_waits_for_runs_in_flight_and_refuses_later_ones()
    {
        var session = new OrtEngine().Open(ModelSource.FromBytes(Slow), OnCpu);
        using var source = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        var run = Task.Factory.StartNew(() => RunAndSignal(session, started, source.Token), TaskCreationOptions.LongRunning);
        started.Wait();
        await Task.Delay(100);

        var disposal = Task.Factory.StartNew(session.Dispose, TaskCreationOptions.LongRunning);
        await Task.Delay(100);
        Assert.False(disposal.IsCompleted);
        Assert.Throws<ObjectDisposedException>(() => session.Run([Square()]));
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await disposal;
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run([Square()], [NamedTensor.Allocate("y", DType.Float32, Width, Width)]));
        Assert.Equal("x", session.Inputs[0].Name);
    }

    [Fact]
    public void Two_hundred_sessions_leave_no_memory_behind()
    {
        // Each holds 4 MB of weights: 200 of them would leave 800 MB.
        var model = new TinyModel().Input("x", DType.Float32, 1, 1024).Output("y", DType.Float32, 1, 1024)
            .Initializer("w", new float[1024 * 1024], 1024, 1024).Node("MatMul", ["x", "w"], ["y"]).ToBytes();
        var x = NamedTensor.Allocate("x", DType.Float32, 1, 1024);
        OpenRunDispose(model, x, 10);
        var before = ResidentBytes();

        OpenRunDispose(model, x, 200);

        var grown = ResidentBytes() - before;
        Assert.True(grown < 60 << 20, $"200 sessions left {grown >> 20} MB behind.");
    }

    [Fact]
    public void A_run_into_the_callers_memory_allocates_little()
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Affine()), OnCpu with { Threads = 1 });
        NamedTensor[] x = [NamedTensor.Allocate("x", DType.Float32, 1, 8)], y = [NamedTensor.Allocate("y", DType.Float32, 1, 8)];
        for (var i = 0; i < 50; i++)
            session.Run(x, y);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
            session.Run(x, y);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 512);
    }

    private static void RunAndSignal(IModelSession session, ManualResetEventSlim started, CancellationToken cancellation)
    {
        var x = Square();
        started.Set();
        session.Run([x], cancellation);
    }

    private static void OpenRunDispose(byte[] model, NamedTensor x, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var session = new OrtEngine().Open(ModelSource.FromBytes(model), OnCpu);
            session.Run([x]);
        }
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }

    private static NamedTensor Square() => NamedTensor.Allocate("x", DType.Float32, Width, Width);

    private static byte[] Affine() => new TinyModel().Input("x", DType.Float32, "N", 8).Output("y", DType.Float32, "N", 8)
        .Initializer("three", [3]).Initializer("one", [1]).Node("Mul", ["x", "three"], ["scaled"]).Node("Add", ["scaled", "one"], ["y"]).ToBytes();

    // A chain, so that no two products run at once and none is left out.
    private static byte[] SlowModel()
    {
        const int Products = 2_000;
        var model = new TinyModel().Input("x", DType.Float32, Width, Width).Output("y", DType.Float32, Width, Width);
        for (var i = 0; i < Products; i++)
            model.Node("MatMul", [i == 0 ? "x" : $"t{i}", "x"], [i == Products - 1 ? "y" : $"t{i + 1}"]);
        return model.ToBytes();
    }
}
