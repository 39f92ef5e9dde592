using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime;
using Anneal.Training.Devices;

namespace Anneal.Training.Tests.Engine;

/// <summary>What every session promises: many threads, cancellation, disposal, the caller's own memory, errors in the words of the other engine.</summary>
[Collection(nameof(Alone))]
public sealed class SessionTests
{
    private const int Width = 256;

    private static readonly EngineOptions OnCpu = BothEngines.OnCpu;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Many_threads_run_one_session_and_each_gets_its_own_answer()
    {
        using var session = Open(Affine());
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            var (x, y) = (new float[64], new float[64]);
            for (var run = 0; run < 100; run++)
            {
                var batch = 1 + ((thread + run) % 8);
                x.AsSpan().Fill((thread * 1000) + run);
                var input = NamedTensor.Create("x", x.AsMemory(0, batch * 8), batch, 8);
                session.Run([input], [NamedTensor.Create("y", y.AsMemory(0, batch * 8), batch, 8)], Stop);
                Assert.All(y[..(batch * 8)], value => Assert.Equal((3f * ((thread * 1000) + run)) + 1, value));
                Assert.Equal(y[..(batch * 8)], session.Run([input], Stop)[0].As<float>().ToArray());
            }
        });
    }

    [Fact]
    public void A_token_that_is_cancelled_already_runs_nothing()
    {
        using var session = Open(Slow());
        var watch = Stopwatch.StartNew();
        var error = Assert.ThrowsAny<OperationCanceledException>(() => session.Run([Square()], new CancellationToken(canceled: true)));
        Assert.True(error.CancellationToken.IsCancellationRequested);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void A_long_run_ends_early_when_it_is_cancelled_and_the_session_goes_on()
    {
        using var session = Open(Slow());
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();
        var error = Assert.Throws<OperationCanceledException>(() => session.Run([Square()], source.Token));
        // The whole run is 20,000 products of two 256 x 256 matrices, 0.67 TFLOP.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"It took {watch.Elapsed}.");
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Contains("was cancelled while it ran", error.Message, StringComparison.Ordinal);
        using var again = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.Throws<OperationCanceledException>(() => session.Run([Square()], [NamedTensor.Allocate("y", DType.Float32, Width, Width)], again.Token));
    }

    [Fact]
    public async Task Disposal_waits_for_runs_in_flight_and_refuses_later_ones()
    {
        var session = Open(Slow());
        using var source = new CancellationTokenSource();
        var run = Task.Factory.StartNew(() => session.Run([Square()], source.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Delay(200, Stop);
        var disposal = Task.Factory.StartNew(session.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Delay(100, Stop);
        Assert.False(disposal.IsCompleted);
        Assert.Throws<ObjectDisposedException>(() => session.Run([Square()], Stop));
        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => run);
        await disposal;
        session.Dispose();
        var error = Assert.Throws<ObjectDisposedException>(() => session.Run([Square()], [NamedTensor.Allocate("y", DType.Float32, Width, Width)], Stop));
        Assert.Contains("on cpu (anneal)", error.Message, StringComparison.Ordinal);
        Assert.Equal("x", session.Inputs[0].Name);
    }

    [Fact]
    public void A_session_gives_its_memory_back()
    {
        var pool = ComputeDevice.Cpu.Pool;
        var before = pool.BytesInUse;
        for (var i = 0; i < 3; i++)
        {
            using var session = Open(Affine());
            session.Run([NamedTensor.Allocate("x", DType.Float32, 2, 8)], Stop);
            Assert.True(pool.BytesInUse > before);
        }
        Assert.Equal(before, pool.BytesInUse);
    }

    public static TheoryData<string, string[]> Misfits => new()
    {
        { "nothing at all", [] },
        { "an unknown input", ["z float 2,8"] },
        { "the same input twice", ["x float 2,8", "x float 2,8"] },
        { "another type", ["x long 2,8"] },
        { "another rank", ["x float 16"] },
        { "another extent", ["x float 2,9"] },
    };

    [Theory, MemberData(nameof(Misfits))]
    public void What_does_not_fit_is_refused_in_the_words_of_the_other_engine(string what, string[] given)
    {
        var bytes = OnnxFile.ToBytes(Affine(opset: 21));
        NamedTensor[] inputs = [.. given.Select(Tensor)];
        var messages = new IEngine[] { new OrtEngine(), new AnnealEngine() }.Select(engine =>
        {
            using var session = engine.Open(ModelSource.FromBytes(bytes), OnCpu);
            return Assert.Throws<ShapeMismatchException>(() => session.Run(inputs, Stop)).Message;
        }).ToArray();
        Assert.True(messages[0] == messages[1], $"{what}: {messages[0]} / {messages[1]}");
    }

    [Fact]
    public void Outputs_are_refused_when_they_are_none_unknown_or_of_another_shape()
    {
        using var session = Open(Affine());
        NamedTensor[] x = [NamedTensor.Allocate("x", DType.Float32, 2, 8)];
        Assert.Contains("was asked for no output", Assert.Throws<ShapeMismatchException>(() => session.Run(x, [], Stop)).Message, StringComparison.Ordinal);
        Assert.Contains("has no output 'z'", Assert.Throws<ShapeMismatchException>(() => session.Run(x, [NamedTensor.Allocate("z", DType.Float32, 2, 8)], Stop)).Message, StringComparison.Ordinal);
        Assert.Contains("gives an output of another shape than the memory", Assert.Throws<ShapeMismatchException>(() => session.Run(x, [NamedTensor.Allocate("y", DType.Float32, 3, 8)], Stop)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_of_the_callers_is_filled_in_place_even_inside_a_larger_array()
    {
        var builder = new GraphBuilder("relu", OpTable.Version);
        builder.Output("y", builder.Elementwise("Relu", builder.Input("x", DType.Float32, new("n"))));
        using var session = Open(builder.Build());
        const int count = 1 << 20;
        var (x, y) = (new float[count], new float[count + 2]);
        x.AsSpan().Fill(5);
        y.AsSpan().Fill(7);
        var (input, target) = (NamedTensor.Create("x", x, count), NamedTensor.Create("y", y.AsMemory(1, count), count));
        session.Run([input], [target], Stop);
        Assert.Equal((7f, 5f, 5f, 7f), (y[0], y[1], y[^2], y[^1]));

        var pool = ComputeDevice.Cpu.Pool;
        pool.ResetPeak();
        var before = pool.BytesInUse;
        session.Run([input], [target], Stop);
        // The input is copied once, the output is nobody's but the caller's.
        Assert.InRange(pool.PeakBytes - before, count * sizeof(float), count * sizeof(float) * 3 / 2);
    }

    [Fact]
    public void Outputs_that_are_only_handed_on_reach_the_callers_memory_too()
    {
        var graph = new Graph("handed on");
        var type = new TensorType(DType.Float32, new("n", 2));
        var x = graph.AddInput("x", type);
        var w = graph.AddInitializer(TensorData.Create("w", [5f, 6f], 1, 2));
        var y = graph.AddNode("Add", [x, w], ["y"]).Outputs[0]!;
        var flat = graph.AddNode("Flatten", [y], ["flat"]).Outputs[0]!;
        foreach (var output in new[] { x, w, y, flat })
            graph.AddOutput(output);
        var model = new Model(graph);
        model.OperatorSets[""] = 21;
        using var session = Open(model);
        float[][] targets = [[0, 0], [0, 0], [0, 0], [0, 0]];
        NamedTensor[] inputs = [NamedTensor.Create("x", new[] { 1f, 2f }, 1, 2)];
        session.Run(inputs, [.. session.Outputs.Select((output, i) => NamedTensor.Create(output.Name, targets[i], 1, 2))], Stop);
        Assert.Equal([[1, 2], [5, 6], [6, 8], [6, 8]], targets);
        Assert.Equal(targets, session.Run(inputs, Stop).Select(tensor => tensor.As<float>().ToArray()));
        var flatAlone = new float[2];
        session.Run(inputs, [NamedTensor.Create("flat", flatAlone, 1, 2)], Stop);
        Assert.Equal([6, 8], flatAlone);
    }

    [Fact]
    public void What_a_model_declares_can_be_read()
    {
        var model = Affine(opset: 18);
        model.Metadata["labels"] = "fox";
        using var session = Open(model);
        Assert.Equal("x: Float32 [N,8]", Assert.Single(session.Inputs).ToString());
        Assert.Equal("y: Float32 [N,8]", Assert.Single(session.Outputs).ToString());
        Assert.Equal("fox", session.Metadata["labels"]);
        Assert.Equal(("anneal", Device.Cpu), (session.Engine, session.Device));
        Assert.Contains($"written for ai.onnx 18 and is run as ai.onnx {OpTable.Version}", Assert.Single(session.Notices), StringComparison.Ordinal);
        Assert.Equal(["Mul", "Add"], session.Placement!.Select(node => node.OpType));
    }

    [Fact]
    public void Warm_up_runs_on_zeros_and_says_so_where_it_cannot()
    {
        using var warm = Open(Affine(), OnCpu with { WarmUpRuns = 2 });
        var builder = new GraphBuilder("wide", OpTable.Version);
        builder.Output("y", builder.Elementwise("Relu", builder.Input("x", DType.Float32, new(1, "width"))));
        using var cold = Open(builder.Build(), OnCpu with { WarmUpRuns = 2 });
        Assert.Empty(warm.Notices);
        Assert.Contains("x: Float32 [1,width]", Assert.Single(cold.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        var x = NamedTensor.Create("x", Enumerable.Range(0, Width * Width).Select(i => MathF.Sin(i)).ToArray(), Width, Width);
        var results = new[] { 1, 0 }.Select(threads =>
        {
            using var session = Open(Slow(rounds: 3), OnCpu with { Threads = threads });
            return session.Run([x], Stop)[0].As<float>().ToArray();
        }).ToArray();
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void Options_without_a_meaning_here_are_refused_or_told()
    {
        Assert.Contains(nameof(EngineOptions.ProviderLibrary), Assert.Throws<AnnealException>(() => Open(Affine(), OnCpu with { ProviderLibrary = "x.so" })).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(EngineOptions.Threads), Assert.Throws<AnnealException>(() => Open(Affine(), OnCpu with { Threads = -1 })).Message, StringComparison.Ordinal);
        Assert.Contains("opencl:63", Assert.Throws<DeviceUnavailableException>(() => Open(Affine(), OnCpu with { Device = Device.OpenCl(63) })).Message, StringComparison.Ordinal);
        using var session = Open(Affine(), OnCpu with { Threads = 1000 });
        Assert.Contains("not 1000", Assert.Single(session.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_device_is_there_or_says_what_is_missing()
    {
        var devices = new AnnealEngine().Devices;
        Assert.Equal([DeviceKind.Cpu, DeviceKind.Cuda, DeviceKind.OpenCl], devices.Select(status => status.Device.Kind).Distinct());
        Assert.True(devices[0].IsAvailable);
        Assert.All(devices.Where(status => !status.IsAvailable), status => Assert.False(string.IsNullOrWhiteSpace(status.Missing)));
    }

    [Fact]
    public void Every_node_without_a_kernel_is_named_when_the_model_opens()
    {
        var graph = new Graph("strange");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new(2)));
        var first = graph.AddNode("Frobnicate", [x], ["a"]);
        var second = graph.AddNode("Frobnicate", [first.Outputs[0]], ["b"]);
        var third = graph.AddNode("Unscramble", [second.Outputs[0]], ["y"]);
        foreach (var (node, name) in new[] { (first, "one"), (second, "two"), (third, "three") })
            (node.Domain, node.Name) = ("strange", name);
        third.Outputs[0]!.Type = new TensorType(DType.Float32);
        graph.AddOutput(third.Outputs[0]!);
        var model = new Model(graph);
        model.OperatorSets[""] = 21;
        model.OperatorSets["strange"] = 1;
        var message = Assert.Throws<InvalidModelException>(() => Open(model)).Message;
        Assert.Contains("strange.Frobnicate (Frobnicate 'one', Frobnicate 'two')", message, StringComparison.Ordinal);
        Assert.Contains("strange.Unscramble (Unscramble 'three')", message, StringComparison.Ordinal);
        Assert.Contains("--engine ort", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_lists_an_output_twice_is_refused()
    {
        var model = Affine();
        model.Graph.AddOutput(model.Graph.Outputs[0]);
        Assert.Contains("lists the output 'y' twice", Assert.Throws<InvalidModelException>(() => Open(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_the_right_one_is_refused_as_that()
    {
        using var folder = new TempFolder();
        var engine = new AnnealEngine();
        File.WriteAllText(folder["notes.onnx"], "no model");
        OnnxFile.Save(Affine(), folder["net.onnx"]);
        Assert.Contains("does not exist", Assert.Throws<InvalidModelException>(() => engine.Open(folder["missing.onnx"])).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<InvalidModelException>(() => engine.Open(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("notes.onnx", Assert.Throws<InvalidModelException>(() => engine.Open(folder["notes.onnx"])).Message, StringComparison.Ordinal);
        var other = new string('0', 64);
        Assert.Contains(other, Assert.Throws<InvalidModelException>(() => engine.Open(ModelSource.FromFile(folder["net.onnx"], other))).Message, StringComparison.Ordinal);
        Assert.Contains(other, Assert.Throws<InvalidModelException>(() => engine.Open(ModelSource.FromFile(folder["notes.onnx"], other))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_goes_wrong_in_a_run_names_model_and_node()
    {
        var builder = new GraphBuilder("sum", OpTable.Version);
        var (a, b) = (builder.Input("a", DType.Float32, new("n")), builder.Input("b", DType.Float32, new("m")));
        builder.Output(builder.Add(new Elementwise("Add"), [a, b], "plus", ["y"]).Outputs[0]!);
        using var session = Open(builder.Build());
        var message = Assert.Throws<AnnealException>(() => session.Run([NamedTensor.Allocate("a", DType.Float32, 2), NamedTensor.Allocate("b", DType.Float32, 3)], Stop)).Message;
        Assert.Contains("in memory failed: Add 'plus': ", message, StringComparison.Ordinal);
    }

    /// <summary>y = 3x + 1 for any batch of 8.</summary>
    private static Model Affine(long? opset = null)
    {
        var builder = new GraphBuilder("affine", opset ?? OpTable.Version);
        var x = builder.Input("x", DType.Float32, new("N", 8));
        builder.Output("y", builder.Elementwise("Add", builder.Elementwise("Mul", x, builder.Scalar(3f)), builder.Scalar(1f)));
        return builder.Build();
    }

    private static Model Slow(int rounds = 20_000)
    {
        var builder = new GraphBuilder("slow", OpTable.Version);
        var x = builder.Input("x", DType.Float32, new(Width, Width));
        var y = x;
        for (var i = 0; i < rounds; i++)
            y = builder.Apply(new MatMul(), y, x);
        builder.Output("y", y);
        return builder.Build();
    }

    private static NamedTensor Square() => NamedTensor.Allocate("x", DType.Float32, Width, Width);

    private static NamedTensor Tensor(string text)
    {
        var parts = text.Split(' ');
        return NamedTensor.Allocate(parts[0], parts[1] == "float" ? DType.Float32 : DType.Int64, [.. parts[2].Split(',').Select(long.Parse)]);
    }

    private static IModelSession Open(Model model, EngineOptions? options = null) => new AnnealEngine().Open(ModelSource.FromModel(model), options ?? OnCpu);
}
