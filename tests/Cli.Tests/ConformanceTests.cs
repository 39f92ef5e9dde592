using System.Diagnostics;
using System.Text.Json;
using Anneal.Cli.Conformance;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime.Conformance;

namespace Anneal.Cli.Tests;

/// <summary><c>anneal conformance</c> on cases made here, each of which goes as it is called.</summary>
public sealed class ConformanceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("anneal")]
    [InlineData("ort")]
    public async Task Each_case_is_a_line_in_order_and_the_sum_is_on_standard_error(string engine)
    {
        Write("suite", "b_right", Relu, 0, 2);
        Write("suite", "a_wrong", Relu, 0, 2.5f);
        Write("suite", "d_random", Random, 1, 1);
        Write("suite", "c_strange", Strange, 0, 2);

        var run = await AnnealRun.HereAsync("conformance", _folder["suite"], "--engine", engine, "--device", "cpu", "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("""{"case":"a_wrong","result":"fail","reason":"output 0 'y': element 1 is 2 and should be 2.5","maxError":0.5}""", run.Lines[0]);
        Assert.Equal("""{"case":"b_right","result":"pass","reason":null,"maxError":0}""", run.Lines[1]);
        Assert.StartsWith("""{"case":"c_strange","result":"unsupported","reason":"The model '""", run.Lines[2], StringComparison.Ordinal);
        Assert.Equal("""{"case":"d_random","result":"unsupported","reason":"random","maxError":null}""", run.Lines[3]);
        Assert.Matches("^anneal: 1 passed, 1 failed, 2 unsupported, of 4 cases in ", run.Error);
        Assert.All(run.Lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task A_case_a_suite_and_a_folder_of_suites_are_understood_and_filtered()
    {
        Write("node", "test_one", Relu, 0, 2);
        Write("node", "test_two", Relu, 0, 2);
        Write("simple", "test_three", Relu, 0, 2);

        Assert.Equal(["test_one"], await NamesAsync(_folder["node", "test_one"]));
        Assert.Equal(["test_one", "test_two"], await NamesAsync(_folder["node"]));
        Assert.Equal(["node/test_one", "node/test_two", "simple/test_three"], await NamesAsync(_folder.Path));
        Assert.Equal(["node/test_two", "simple/test_three"], await NamesAsync(_folder.Path, "--filter", "test_t*"));
        Assert.Equal(["simple/test_three"], await NamesAsync(_folder.Path, "--filter", "simple/*"));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_or_holds_no_case_is_a_usage_error()
    {
        Write("node", "test_one", Relu, 0, 2);
        Directory.CreateDirectory(_folder["empty"]);
        foreach (var (args, says) in new (string[], string)[] { ([_folder["missing"]], "missing"), ([_folder["empty"]], "holds no case"), ([_folder["node"], "--filter", "x*"], "--filter x*"), ([], "dir"), ([_folder["node"], "--engine", "caffe"], "caffe") })
        {
            var run = await AnnealRun.HereAsync(["conformance", .. args]);
            Assert.Equal((2, ""), (run.ExitCode, run.Out));
            Assert.Contains(says, run.Error, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_device_that_cannot_be_had_is_no_fault_of_any_case()
    {
        Write("node", "test_one", Relu, 0, 2);
        var run = await AnnealRun.HereAsync("conformance", _folder["node"], "--device", "opencl:63");
        Assert.Equal((3, ""), (run.ExitCode, run.Out));
        Assert.Contains("opencl:63 cannot be had", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_case_that_takes_its_process_down_is_its_own_result_and_the_next_has_another_process()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It needs a shell.");
        using var process = new CaseProcess(new("sh", ["-c", "read case; echo the roof fell in >&2; case $case in *bad*) kill -9 $$;; *) echo '{\"case\":\"\",\"result\":\"pass\",\"reason\":null,\"maxError\":0}';; esac; read more"]), TimeSpan.FromSeconds(20));
        var crashed = await process.RunAsync(new("bad", "bad"), Stop);
        Assert.Equal(ConformanceOutcome.Fail, crashed.Outcome);
        Assert.Equal("it ended its process with exit code 137: the roof fell in", crashed.Reason);
        Assert.Equal(new ConformanceResult(ConformanceOutcome.Pass, null, 0), await process.RunAsync(new("good", "good"), Stop));
    }

    [Fact]
    public async Task A_case_that_takes_too_long_is_ended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It needs a shell.");
        using var process = new CaseProcess(new("sh", ["-c", "read case; exec sleep 60"]), TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();
        Assert.Equal("it took longer than 0.2 s", (await process.RunAsync(new("slow", "slow"), Stop)).Reason);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_interrupt_ends_it_with_the_sum_so_far()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        WriteMany();
        using var child = AnnealRun.Start(["conformance", _folder["node"], "--json"]);
        Assert.EndsWith("}", await child.StandardOutput.ReadLineAsync(Stop), StringComparison.Ordinal);
        using (var kill = Process.Start("kill", ["-INT", $"{child.Id}"]))
            await kill.WaitForExitAsync(Stop);
        var error = await child.StandardError.ReadToEndAsync(Stop);
        await child.WaitForExitAsync(Stop);
        Assert.Equal(130, child.ExitCode);
        Assert.Matches("^anneal: Interrupted. [0-9]+ passed, 0 failed, 0 unsupported, of 2,000 cases", error);
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_ends_it_quietly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows pipes end in another way.");
        WriteMany();
        using var child = AnnealRun.Start(["conformance", _folder["node"]]);
        await child.StandardOutput.ReadLineAsync(Stop);
        child.StandardOutput.Close();
        var error = await child.StandardError.ReadToEndAsync(Stop);
        await child.WaitForExitAsync(Stop);
        Assert.Equal((0, ""), (child.ExitCode, error));
    }

    private static async Task<string[]> NamesAsync(string folder, params string[] args)
    {
        var run = await AnnealRun.HereAsync(["conformance", folder, .. args, "--json"]);
        Assert.Equal(0, run.ExitCode);
        return [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("case").GetString()!)];
    }

    /// <summary>More cases than are done before somebody interrupts: links to one.</summary>
    private void WriteMany()
    {
        Write("cases", "one", Relu, 0, 2);
        Directory.CreateDirectory(_folder["node"]);
        for (var i = 0; i < 2000; i++)
            Directory.CreateSymbolicLink(_folder["node", $"test_{i:0000}"], _folder["cases", "one"]);
    }

    /// <summary>A case whose input is [-1, 2].</summary>
    private void Write(string suite, string name, Func<Model> model, params float[] expected)
    {
        var set = Directory.CreateDirectory(_folder[suite, name, "test_data_set_0"]).FullName;
        OnnxFile.Save(model(), _folder[suite, name, "model.onnx"]);
        TensorFile.Save(TensorData.Create("x", [-1f, 2f], 2), Path.Combine(set, "input_0.pb"));
        TensorFile.Save(TensorData.Create("y", expected, 2), Path.Combine(set, "output_0.pb"));
    }

    private static Model Relu()
    {
        var builder = new GraphBuilder("relu");
        builder.Output("y", builder.Elementwise("Relu", builder.Input("x", DType.Float32, new(2))));
        return builder.Build();
    }

    private static Model Random()
    {
        var builder = new GraphBuilder("random");
        builder.Output("y", builder.Apply(new RandomUniformLike(), builder.Input("x", DType.Float32, new(2))));
        return builder.Build();
    }

    private static Model Strange()
    {
        var graph = new Graph("strange");
        var type = new TensorType(DType.Float32, new(2));
        var node = graph.AddNode("Frobnicate", [graph.AddInput("x", type)], ["y"]);
        (node.Domain, node.Outputs[0]!.Type) = ("strange", type);
        graph.AddOutput(node.Outputs[0]!);
        var model = new Model(graph);
        model.OperatorSets[""] = 21;
        model.OperatorSets["strange"] = 1;
        return model;
    }
}
