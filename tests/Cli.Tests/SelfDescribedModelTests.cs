using System.Text.Json;
using Anneal.Cli.Checkup;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Tests;

/// <summary>Files that describe themselves, at the command line: classified, verified and looked into without a card.</summary>
public sealed class SelfDescribedModelTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private static readonly string Digest = new('a', 64);

    [Theory]
    [InlineData("auto")]
    [InlineData("ort")]
    [InlineData("anneal")]
    public async Task A_file_that_answers_as_it_says_verifies_on_every_engine(string engine)
    {
        var file = Save("good.onnx");
        var text = await AnnealRun.HereAsync("verify", file, "--engine", engine, "--device", "cpu");
        Assert.Equal(0, text.ExitCode);
        Assert.Matches($@"^ok       .*good\.onnx gives the recorded answer \({(engine == "auto" ? "ort" : engine)} on cpu, batches 1, 2, 7\): largest difference \S+, tolerance 0\.000\d+\.\n$", text.Out);
        var run = await AnnealRun.HereAsync("verify", file, "--engine", engine, "--device", "cpu", "--json");
        using var json = JsonDocument.Parse(Assert.Single(run.Lines));
        Assert.Equal(["file", "engine", "device", "batches", "largestDifference", "tolerance", "good"], json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("[1,2,7]", json.RootElement.GetProperty("batches").GetRawText());
        Assert.True(json.RootElement.GetProperty("good").GetBoolean());
        Assert.InRange(json.RootElement.GetProperty("largestDifference").GetDouble(), 0, 1e-5);
    }

    [Fact]
    public async Task A_file_with_a_changed_weight_is_1_and_says_by_how_much()
    {
        var file = Save("changed.onnx", changed: true);
        var text = await AnnealRun.HereAsync("verify", file, "--device", "cpu");
        Assert.Equal((1, ""), (text.ExitCode, text.Error));
        Assert.Contains("does NOT give the recorded answer", text.Out, StringComparison.Ordinal);
        var run = await AnnealRun.HereAsync("verify", file, "--device", "cpu", "--json");
        using var json = JsonDocument.Parse(Assert.Single(run.Lines));
        Assert.Equal(1, run.ExitCode);
        Assert.False(json.RootElement.GetProperty("good").GetBoolean());
        Assert.InRange(json.RootElement.GetProperty("largestDifference").GetDouble(), 0.0624, 0.0626);
    }

    [Theory]
    [InlineData("plain", 3, "holds no golden example")]
    [InlineData("missing.onnx", 3, "There is no file")]
    [InlineData("photos/notes.txt", 3, "notes.txt")]
    [InlineData("squeezenet1.2", 3, "squeezenet1.1")]
    [InlineData("cifar10", 3, "has no file")]
    [InlineData("", 2, "empty")]
    public async Task What_cannot_be_verified_is_said_in_one_line(string model, int code, string says)
    {
        var path = model == "plain" ? tiny.Model : model.Contains('.', StringComparison.Ordinal) && !model.StartsWith("squeeze", StringComparison.Ordinal) ? tiny[model.Split('/')] : model;
        var run = await AnnealRun.HereAsync("verify", path, "--device", "cpu");
        Assert.Equal((code, ""), (run.ExitCode, run.Out));
        Assert.Contains(says, Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_classified_without_a_card_and_a_card_that_is_given_wins()
    {
        var file = Save("own.onnx");
        var photo = tiny["photos", "a.bmp"];
        var own = await AnnealRun.HereAsync("classify", photo, "--model", file, "--device", "cpu", "--json");
        Assert.Equal((0, ""), (own.ExitCode, own.Error));
        Assert.Equal("rot", Label(own));
        Assert.Equal("red", Label(await AnnealRun.HereAsync("classify", photo, "--model", file, "--card", tiny.Card, "--json")));
        var foreign = await AnnealRun.HereAsync("classify", photo, "--model", tiny.Model);
        Assert.Equal(3, foreign.ExitCode);
        Assert.Contains("--card", foreign.Error, StringComparison.Ordinal);

        static string? Label(AnnealRun run) => JsonDocument.Parse(run.Lines[0]).RootElement.GetProperty("predictions")[0].GetProperty("label").GetString();
    }

    [Fact]
    public async Task Inspect_shows_what_a_file_says_of_itself()
    {
        var file = Save("told.onnx");
        var text = await AnnealRun.HereAsync("inspect", file);
        Assert.Equal((0, ""), (text.ExitCode, text.Error));
        foreach (var said in new[] { "says of itself", "2: rot, blau", "MIT, says us", $"mother, sha256:{Digest}", "top1 0.95", "numbers by formula, seed 5, 2 numbers expected", "Image.BitmapPixelFormat = Rgb8" })
            Assert.Contains(said, text.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("anneal.golden", text.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("The file does not say", text.Out, StringComparison.Ordinal);
        var self = await SelfAsync(file);
        Assert.Equal("red-or-blue", self.GetProperty("card").GetProperty("name").GetString());
        Assert.Equal("[\"rot\",\"blau\"]", self.GetProperty("classes").GetRawText());
        Assert.Equal("{\"top1\":0.95}", self.GetProperty("lineage").GetProperty("metrics").GetRawText());
        Assert.Equal(("5", 2, 0), (self.GetProperty("golden").GetProperty("seed").GetString(), self.GetProperty("golden").GetProperty("expected").GetArrayLength(), self.GetProperty("golden").GetProperty("pictureBytes").GetInt32()));
        Assert.Equal(JsonValueKind.Null, (await SelfAsync(tiny.Model)).ValueKind);
    }

    [Fact]
    public async Task Inspect_looks_into_a_file_whose_description_is_damaged_and_warns()
    {
        var model = OnnxFile.Load(Save("damaged.onnx"));
        model.Metadata["anneal.lineage"] = "{";
        OnnxFile.Save(model, tiny["damaged.onnx"]);
        var run = await AnnealRun.HereAsync("inspect", tiny["damaged.onnx"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("What the file says of itself cannot be read: ", run.Out, StringComparison.Ordinal);
        Assert.Contains("metadata 'anneal.lineage', line 1, byte 2: this is no JSON.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_embedded_model_is_here_without_a_file_until_somebody_needs_one()
    {
        Assert.SkipUnless(ModelCatalog.Default.TryGet("digits", out _), "The built-in catalogue has no embedded model.");
        await Expect(0, "*  digits", "models", "list", "--local");
        await Expect(0, "\"embedded\":true", "models", "list", "--local", "--json");
        await Expect(0, "inside this program", "models", "show", "digits");
        await Expect(0, "ok       digits", "verify", "digits", "--device", "cpu");
        await Expect(3, "needs no file", "models", "where", "digits");
        await Expect(0, "ok       digits", "models", "verify", "digits");
        await Expect(1, "stays", "models", "remove", "digits");
        await Expect(0, "1 model", "models", "bundle", "digits", "--output", tiny["digits.tar"]);
        await Expect(0, ".onnx", "models", "where", "digits");
        await Expect(0, "ok       digits", "models", "verify", "digits");
        await Expect(0, "freed", "models", "remove", "digits");
        await Expect(0, "digits: ", "models", "import", tiny["digits.tar"]);
        await Expect(0, "freed", "models", "remove", "digits");
    }

    private static async Task<JsonElement> SelfAsync(string file) =>
        JsonDocument.Parse(Assert.Single((await AnnealRun.HereAsync("inspect", file, "--json")).Lines)).RootElement.GetProperty("self");

    private static async Task Expect(int code, string said, params string[] args)
    {
        var run = await AnnealRun.HereAsync(args);
        Assert.True(run.ExitCode == code, $"{string.Join(' ', args)}: {run.ExitCode}, {run.Out}{run.Error}");
        Assert.Contains(said, run.Out + run.Error, StringComparison.Ordinal);
    }

    /// <summary>The red-or-blue model with all that a file can say; with a changed weight, it says what it would say without.</summary>
    private string Save(string name, bool changed = false)
    {
        var model = RedOrBlue.Build();
        var card = ModelCard.Load(tiny.Card) with { Labels = null, ClassNames = ["rot", "blau"], Licence = new("MIT", "us") };
        new ModelMetadata
        {
            Card = card,
            Lineage = new() { Parent = "mother", ParentSha256 = Digest, Metrics = new Dictionary<string, double> { ["top1"] = 0.95 } },
            Golden = GoldenExample.Create(model, card, seed: 5, cancellation: TestContext.Current.CancellationToken),
        }.WriteTo(model);
        OnnxFile.Save(model, tiny[name]);
        if (changed)
            ChangeBias(tiny[name]);
        return tiny[name];
    }

    /// <summary>Turns the first number of the bias, which is 0, into 0.0625 where it stands in the file.</summary>
    private static void ChangeBias(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var name = bytes.AsSpan().LastIndexOf("bias"u8);
        var data = name + bytes.AsSpan(name).IndexOf((byte)0x4A) + 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(data), 0.0625f);
        using var file = File.Create(path);
        file.Write(bytes);
    }
}
