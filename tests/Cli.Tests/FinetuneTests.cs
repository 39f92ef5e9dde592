using System.Diagnostics;
using System.Text.Json;
using Anneal.Onnx;
using Anneal.Training.Tests.Tuning;

namespace Anneal.Cli.Tests;

/// <summary><c>anneal finetune</c>: folders of classes in, a file that says all about itself out.</summary>
public sealed class FinetuneTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public FinetuneTests()
    {
        _ = Stripes.Write(_folder["train"], 12, "train");
        OnnxFile.Save(Stripes.Network(), _folder["small.onnx"]);
        File.WriteAllText(_folder["small.json"], Stripes.Card.ToJson());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_of_pictures_becomes_a_file_that_classifies_them()
    {
        var run = await AnnealRun.HereAsync(Command("tuned.onnx", "--epochs", "3", "--json"));
        Assert.Equal((0, 4), (run.ExitCode, run.Lines.Count));
        var last = Parse(run.Lines[^1]);
        Assert.Equal(["out", "classes", "top1", "seconds", "imagesPerSecond"], last.EnumerateObject().Select(member => member.Name));
        Assert.Equal(_folder["tuned.onnx"], last.GetProperty("out").GetString());
        Assert.Equal(Stripes.ClassNames, last.GetProperty("classes").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(last.GetProperty("top1").GetDouble(), run.Lines.SkipLast(1).Max(line => Parse(line).GetProperty("top1").GetDouble()));
        Assert.Equal(0, (await AnnealRun.HereAsync("verify", _folder["tuned.onnx"])).ExitCode);
        var answer = await AnnealRun.HereAsync("classify", "--model", _folder["tuned.onnx"], _folder["train", "down", "001.bmp"], "--json");
        Assert.Contains(Parse(answer.Lines[0]).GetProperty("predictions")[0].GetProperty("label").GetString(), Stripes.ClassNames);
        Assert.Equal(["small.json", "small.onnx", "train", "tuned.onnx"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Figures_are_read_by_people_too()
    {
        var run = await AnnealRun.HereAsync(Command("tuned.onnx", "--epochs", "2", "--augment", "basic", "--freeze", "none"));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("epoch 1/2 (the head learns)", run.Out, StringComparison.Ordinal);
        Assert.Contains("epoch 2/2 (all that is not frozen learns)", run.Out, StringComparison.Ordinal);
        Assert.Contains("true class by row", run.Out, StringComparison.Ordinal);
        Assert.Contains("is replaced", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_stopped_by_a_signal_goes_on_to_the_same_bytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent by kill.");
        string[] long_ = [.. Command("tuned.onnx", "--epochs", "400", "--freeze", "none", "--json")];
        using (var child = AnnealRun.Start(long_, variables: Home))
        {
            for (var line = 0; line < 3; line++)
                Assert.NotNull(await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            using (var kill = Process.Start("kill", ["-INT", $"{child.Id}"]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            var error = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            _ = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(130, child.ExitCode);
            Assert.Contains("--resume", await error, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(_folder["tuned.onnx"]));
        var other = await AnnealRun.HereAsync(Command("tuned.onnx", "--epochs", "5", "--freeze", "none", "--resume"));
        Assert.Equal(3, other.ExitCode);
        Assert.Contains("another training", other.Error, StringComparison.Ordinal);
    }

    public static TheoryData<string, int, string> Faults => new()
    {
        { "train=nowhere", 4, "does not exist" },
        { "val=nowhere", 4, "does not exist" },
        { "one class", 4, "at least two classes" },
        { "an empty class", 4, "has no pictures" },
        { "one picture", 4, "one picture only of down" },
        { "no picture", 4, "notes.jpg" },
        { "on both sides", 4, "copy.bmp" },
        { "unknown in val", 4, "extra" },
        { "--lr=fast", 2, "fast" },
        { "--val-split=1", 2, "--val-split" },
        { "--augment=wild", 2, "wild" },
        { "--device=gpu", 2, "gpu" },
        { "--head=fc9", 3, "fc9" },
        { "--freeze=layer9.*", 3, "layer9.*" },
        { "--model=nobody", 3, "nobody" },
        { "out is there", 3, "--force" },
        { "out in no folder", 3, "does not exist" },
        { "out is a folder", 3, "is a folder" },
        { "--card=none", 3, "none" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_is_wrong_is_said_before_anything_is_learned(string fault, int code, string says)
    {
        var run = await AnnealRun.HereAsync(Broken(fault));
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
        Assert.False(File.Exists(_folder["tuned.onnx"]) && fault != "out is there");
    }

    private static (string, string?)[] Home => [("ANNEAL_HOME", Environment.GetEnvironmentVariable("ANNEAL_HOME"))];

    private string[] Command(string name, params string[] more) =>
        ["finetune", _folder["train"], "--model", _folder["small.onnx"], "--card", _folder["small.json"], "--out", _folder[name], "--batch", "8", .. more];

    private string[] Broken(string fault)
    {
        var command = Command("tuned.onnx");
        string[] Validated(Action<string> spoil)
        {
            spoil(Stripes.Write(_folder["val"], 3, "judge"));
            return [.. command, "--val", _folder["val"]];
        }
        switch (fault)
        {
            case "train=nowhere": return [command[0], _folder["nowhere"], .. command[2..]];
            case "val=nowhere": return [.. command, "--val", _folder["nowhere"]];
            case "one class": Directory.Delete(_folder["train", "down"], true); Directory.Delete(_folder["train", "plain"], true); return command;
            case "an empty class": _ = Directory.CreateDirectory(_folder["train", "hollow"]); return command;
            case "one picture": foreach (var path in Directory.GetFiles(_folder["train", "down"]).Skip(1)) File.Delete(path); return command;
            case "no picture": File.WriteAllText(_folder["train", "down", "notes.jpg"], "no picture"); return command;
            case "on both sides": return Validated(val => File.Copy(_folder["train", "down", "001.bmp"], Path.Combine(val, "down", "copy.bmp")));
            case "unknown in val": return Validated(val => Directory.Move(Path.Combine(val, "down"), Path.Combine(val, "extra")));
            case "out is there": File.WriteAllText(_folder["tuned.onnx"], "mine"); return command;
            case "out in no folder": return Command("missing/tuned.onnx");
            case "out is a folder": return Command("train");
            case "--model=nobody": return [.. command[..3], "nobody", "--out", _folder["tuned.onnx"]];
            case "--card=none": return [.. command[..4], "--out", _folder["tuned.onnx"], "--card", "none"];
            default: return [.. command, .. fault.Split('=')];
        }
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
