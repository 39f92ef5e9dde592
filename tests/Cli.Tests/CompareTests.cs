using System.Text.Json;
using Anneal.Cli.Checkup;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Tests;

/// <summary><c>anneal compare</c>: both engines on one file, one engine on two files, and what is said of the difference.</summary>
public sealed class CompareTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task Both_engines_agree_on_a_model_node_by_node()
    {
        var run = await AnnealRun.HereAsync("compare", tiny.Model, "--nodes");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("4 values of 4 nodes", run.Out, StringComparison.Ordinal);
        Assert.StartsWith("Both give the same, ", run.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_engines_agree_on_a_real_network_node_by_node()
    {
        var run = await AnnealRun.HereAsync("compare", TestData.Require("models", "resnet20-cifar10.onnx"), "--nodes", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(Assert.Single(run.Lines));
        Assert.Equal((78, 78), (json.RootElement.GetProperty("nodes").GetProperty("count").GetInt32(), json.RootElement.GetProperty("nodes").GetProperty("compared").GetInt32()));
        Assert.InRange(json.RootElement.GetProperty("nodes").GetProperty("largest").GetProperty("difference").GetDouble(), 0, 1e-5);
    }

    [Theory]
    [InlineData("weights", 2, "Gemm", "scores")]
    [InlineData("bias", 2, "Gemm", "scores")]
    public async Task A_wrong_weight_is_found_at_the_node_that_takes_it(string weight, int index, string op, string value)
    {
        var run = await AnnealRun.HereAsync("compare", tiny.Model, "--against", Spoiled(weight), "--engine-b", "ort", "--nodes", "--json");
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(Assert.Single(run.Lines));
        var parting = json.RootElement.GetProperty("nodes").GetProperty("firstParting");
        Assert.Equal((index, op, value), (parting.GetProperty("index").GetInt32(), parting.GetProperty("op").GetString(), parting.GetProperty("value").GetString()));
        Assert.True(parting.GetProperty("absolute").GetDouble() > 0.1);
        Assert.Equal(2, parting.GetProperty("at").GetArrayLength());
        Assert.NotEqual(parting.GetProperty("a").GetDouble(), parting.GetProperty("b").GetDouble());
    }

    [Fact]
    public async Task For_eyes_the_parting_is_told_with_place_and_both_numbers()
    {
        var run = await AnnealRun.HereAsync("compare", tiny.Model, "--against", Spoiled("bias"), "--nodes");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the first node where they part: 3 of 4", run.Lines);
        Assert.Contains(run.Lines, line => line.Contains("Gemm of 'scores'", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Contains("most at", StringComparison.Ordinal) && line.Contains(" and ", StringComparison.Ordinal));
        Assert.Equal("They differ by more than the 0.0001 that --tolerance allows.", run.Lines[^1]);
    }

    [Fact]
    public async Task Pictures_are_counted_and_one_that_cannot_be_read_is_told()
    {
        var run = await AnnealRun.HereAsync("compare", tiny.Model, "--card", tiny.Card, "--images", tiny.Photos, "--top", "9", "--device", "auto", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("notes.txt", run.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Assert.Single(run.Lines));
        var root = json.RootElement;
        Assert.Equal(
            ["a", "b", "inputs", "count", "failed", "tolerance", "isGood", "largestDifference", "differsMost", "where", "sameTop1", "sameTop", "top"],
            root.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["model", "engine", "device"], root.GetProperty("a").EnumerateObject().Select(member => member.Name));
        Assert.Equal("cpu", root.GetProperty("b").GetProperty("device").GetString());
        Assert.Equal(("pictures", 2, 1), (root.GetProperty("inputs").GetString(), root.GetProperty("count").GetInt32(), root.GetProperty("failed").GetInt32()));
        Assert.Equal((2, 2, 2), (root.GetProperty("sameTop1").GetInt32(), root.GetProperty("sameTop").GetInt32(), root.GetProperty("top").GetInt32()));
        Assert.True(root.GetProperty("isGood").GetBoolean());
    }

    [Fact]
    public async Task A_file_that_describes_itself_needs_no_card()
    {
        var model = RedOrBlue.Build();
        new ModelMetadata { Card = ModelCard.Load(tiny.Card) }.WriteTo(model);
        OnnxFile.Save(model, tiny["self.onnx"]);
        var run = await AnnealRun.HereAsync("compare", tiny["self.onnx"], "--images", tiny["photos", "a.bmp"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_model_that_answers_otherwise_has_other_best_classes()
    {
        var run = await AnnealRun.HereAsync("compare", tiny.Model, "--against", Spoiled("weights"), "--card", tiny.Card, "--images", tiny["photos", "a.bmp"]);
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains(run.Lines, line => line.TrimStart().StartsWith("same best class", StringComparison.Ordinal) && line.EndsWith("0 of 1", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Contains("on " + tiny["photos", "a.bmp"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, "--tolerance is a share", "--tolerance", "1.5")]
    [InlineData(2, "torch", "--engine-b", "torch")]
    [InlineData(2, "gpu", "--device", "gpu")]
    [InlineData(2, "--top", "--top", "0")]
    [InlineData(3, "--card", "--images", ".")]
    [InlineData(3, "missing.onnx", "--against", "missing.onnx")]
    [InlineData(3, "no-such-card", "--card", "no-such-card", "--images", ".")]
    public async Task What_is_asked_wrongly_is_refused_in_one_line(int code, string said, params string[] options)
    {
        var run = await AnnealRun.HereAsync(["compare", tiny.Model, .. options]);
        Assert.Equal((code, ""), (run.ExitCode, run.Out));
        Assert.Contains(said, Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    /// <summary>The model with one constant turned round, so that red is blue.</summary>
    private string Spoiled(string weight)
    {
        var model = RedOrBlue.Build();
        var value = model.Graph.Find(weight)!;
        model.Graph.SetInitializer(value, TensorData.Create(weight, Array.ConvertAll(value.Initializer!.ToFloats(), number => 9 - (2 * number)), value.Initializer.Dims));
        var path = tiny[$"spoiled-{weight}.onnx"];
        OnnxFile.Save(model, path);
        return path;
    }
}
