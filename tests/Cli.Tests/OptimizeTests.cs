using System.Text.Json;
using Anneal.Cli.Commands;
using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Cli.Tests;

/// <summary><c>anneal optimize</c>: what it writes, and above all what it does not.</summary>
public sealed class OptimizeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("resnet20-cifar10.onnx", 78, 52)]
    [InlineData("squeezenet1.1-fp32-rebuilt.onnx", 65, 65)]
    [InlineData("mobilenetv2-int8-goku.onnx", 422, 365)]
    public async Task A_real_model_gets_no_larger_and_computes_the_same(string model, int before, int after)
    {
        var run = await AnnealRun.HereAsync("optimize", TestData.Require("models", model), _folder["out.onnx"], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var report = JsonDocument.Parse(Assert.Single(run.Lines));
        Assert.Equal((before, after), (Nodes(report, "before"), Nodes(report, "after")));
        Assert.InRange(report.RootElement.GetProperty("largestDifference").GetDouble(), 0, 1e-5);
        Assert.Equal(after, OnnxFile.Load(_folder["out.onnx"]).Graph.Nodes.Count);
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_only_by_force()
    {
        File.WriteAllText(_folder["out.onnx"], "mine");
        var refused = await AnnealRun.HereAsync("optimize", Model(), _folder["out.onnx"]);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder["out.onnx"]));

        Assert.Equal(0, (await AnnealRun.HereAsync("optimize", Model(), _folder["out.onnx"], "--force")).ExitCode);
        Assert.Equal(0, (await AnnealRun.HereAsync("optimize", _folder["out.onnx"], _folder["out.onnx"], "--force")).ExitCode);
    }

    [Theory]
    [InlineData("--passes", "fold-batch-norms", "There is no pass 'fold-batch-norms'. The passes are ")]
    [InlineData("--opset", "4", "opset")]
    [InlineData("--free-batch", "--fuse=ort", null)]
    public async Task Options_are_understood_or_named(string option, string value, string? said)
    {
        var run = await AnnealRun.HereAsync("optimize", Model(), _folder["out.onnx"], option, value);
        Assert.Equal(said is null, run.ExitCode == 0 && File.Exists(_folder["out.onnx"]));
        Assert.Contains(said ?? "", run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_pass_that_changes_the_outputs_is_found_out_and_nothing_is_written()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var order = new OptimizeCommand.Order(Model(), _folder["out.onnx"], 1e-4) { Passes = [new WrongPass()] };
        var refusal = Assert.Throws<AnnealException>(() => new OptimizeCommand(new Screen(output, error)).Run(order, TestContext.Current.CancellationToken));

        Assert.Contains("is not written: output '", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.onnx"]));
        Assert.Equal(0, new OptimizeCommand(new Screen(output, error)).Run(order with { IsVerified = false }, TestContext.Current.CancellationToken));
        Assert.Contains("Nothing was compared", output.ToString(), StringComparison.Ordinal);
    }

    private static int Nodes(JsonDocument report, string side) => report.RootElement.GetProperty(side).GetProperty("nodes").GetInt32();

    private static string Model() => TestData.Require("models", "resnet20-cifar10.onnx");

    /// <summary>Doubles the first constant that it meets.</summary>
    private sealed class WrongPass : IPass
    {
        public string Name => "wrong";

        public bool Run(Model model)
        {
            var weight = model.Graph.Initializers.First(value => value.Initializer!.DType == DType.Float32 && value.IsConstant);
            var doubled = Array.ConvertAll(weight.Initializer!.ToFloats(), number => 2 * number);
            var changed = model.Metadata["wrong"] is null;
            if (changed)
                model.Graph.SetInitializer(weight, TensorData.Create(weight.Name, doubled, weight.Initializer.Dims));
            model.Metadata["wrong"] = "done";
            return changed;
        }
    }
}
