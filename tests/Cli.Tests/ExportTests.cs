using System.Text.Json;
using Anneal.Cli.Checkup;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Tests;

/// <summary><c>anneal export</c>: a file that says all about itself, or none.</summary>
public sealed class ExportTests : IClassFixture<TinyModel>, IDisposable
{
    private readonly TinyModel _tiny;
    private readonly TempFolder _folder = new();

    public ExportTests(TinyModel tiny) => _tiny = tiny;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_with_a_card_becomes_a_file_that_needs_none()
    {
        File.WriteAllLines(_folder["classes.txt"], ["rot", "", " blau "]);
        var run = await AnnealRun.HereAsync("export", _tiny.Model, _folder["out.onnx"], "--card", _tiny.Card, "--classes", _folder["classes.txt"], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var report = JsonDocument.Parse(Assert.Single(run.Lines));
        Assert.Equal(_folder["out.onnx"], report.RootElement.GetProperty("out").GetString());
        Assert.InRange(report.RootElement.GetProperty("largestDifference").GetDouble(), 0, 1e-5);
        var metadata = ModelMetadata.Read(OnnxFile.Load(_folder["out.onnx"]), "")!;
        Assert.Equal(["rot", "blau"], metadata.ClassNames);
        Assert.Equal("red-or-blue.onnx", metadata.Lineage!.Parent);
        Assert.True(ModelVerifier.Verify(_folder["out.onnx"], cancellation: TestContext.Current.CancellationToken).IsGood);
        Assert.Equal(0, (await AnnealRun.HereAsync("classify", "--model", _folder["out.onnx"], _tiny["photos", "a.bmp"])).ExitCode);
    }

    [Fact]
    public async Task A_picture_travels_with_its_answer_and_stays_when_the_file_is_exported_again()
    {
        File.WriteAllBytes(_folder["small.bmp"], Sunset.Draw());
        var fits = new FileInfo(_folder["small.bmp"]).Length <= GoldenExample.LargestPicture;
        var run = await AnnealRun.HereAsync("export", _tiny.Model, _folder["out.onnx"], "--card", _tiny.Card, "--golden", _folder["small.bmp"]);
        Assert.Equal(fits, run.ExitCode == 0);
        if (!fits)
        {
            Assert.Contains("32768", run.Error, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(0, (await AnnealRun.HereAsync("export", _folder["out.onnx"], _folder["again.onnx"])).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["out.onnx"]), File.ReadAllBytes(_folder["again.onnx"]));
    }

    [Theory]
    [InlineData("--card", "resnet-of-nobody", "resnet-of-nobody")]
    [InlineData("--classes", "missing.txt", "There is no list of classes")]
    [InlineData("--golden", "missing.jpg", "There is no picture")]
    [InlineData("--opset", "3", "cannot be written for 3")]
    public async Task What_cannot_be_had_is_named_and_nothing_is_written(string option, string value, string says)
    {
        var run = await AnnealRun.HereAsync("export", _tiny.Model, _folder["out.onnx"], option, value);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_only_by_force()
    {
        File.WriteAllText(_folder["out.onnx"], "mine");
        var refused = await AnnealRun.HereAsync("export", _tiny.Model, _folder["out.onnx"]);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder["out.onnx"]));
        Assert.Equal(0, (await AnnealRun.HereAsync("export", _tiny.Model, _folder["out.onnx"], "--force", "--fp16-weights", "--fold-batchnorm", "--softmax", "--dynamic-batch")).ExitCode);
    }
}
