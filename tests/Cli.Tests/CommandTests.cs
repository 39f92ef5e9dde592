using System.Security.Cryptography;
using System.Text.Json;

namespace Anneal.Cli.Tests;

/// <summary>The commands beside <c>classify</c>.</summary>
public sealed class CommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task Inspect_counts_what_is_in_a_model()
    {
        var run = await AnnealRun.HereAsync("inspect", tiny.Model, "--json");
        using var json = JsonDocument.Parse(Assert.Single(run.Lines));
        var root = json.RootElement;
        Assert.Equal("picture", root.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("[\"N\",3,64,64]", root.GetProperty("inputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal(2, root.GetProperty("outputs").GetArrayLength());
        Assert.Equal(8, root.GetProperty("parameters")[0].GetProperty("elements").GetInt64());
        Assert.Equal(32, root.GetProperty("parameters")[0].GetProperty("bytes").GetInt64());
        Assert.Equal("{\"Flatten\":1,\"Gemm\":1,\"GlobalAveragePool\":1,\"Softmax\":1}", root.GetProperty("nodes").GetRawText());
        Assert.Equal(13, root.GetProperty("opsets").GetProperty("ai.onnx").GetInt64());
    }

    [Theory]
    [InlineData("missing.onnx", "missing.onnx")]
    [InlineData("photos/notes.txt", "notes.txt")]
    [InlineData("squeezenet1.2", "squeezenet1.1")]
    public async Task What_cannot_be_inspected_is_3_and_one_line(string model, string said)
    {
        var run = await AnnealRun.HereAsync("inspect", model.Contains("squeezenet", StringComparison.Ordinal) ? model : tiny[model.Split('/')]);
        Assert.Equal((3, ""), (run.ExitCode, run.Out));
        Assert.Contains(said, Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_finds_that_this_machine_can_run_models()
    {
        var run = await AnnealRun.HereAsync("doctor", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var verdicts = run.Lines.Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(line => line.GetProperty("subject").GetString()!, line => line.GetProperty("verdict").GetString());
        Assert.All(["ONNX Runtime", "ort on cpu", "a model on ort", "Anneal's own kernels", "anneal on cpu", "a model on anneal", "pictures"], subject => Assert.Equal("ok", verdicts[subject]));
        Assert.Equal("--", verdicts["network"]);
    }

    [Theory]
    [InlineData("", "Usage:")]
    [InlineData("clasify", "'clasify' is no command", "classify")]
    [InlineData("models", "needs a command", "download")]
    [InlineData("models lst", "'lst' is no command", "list")]
    [InlineData("models list --jsn", "'--jsn' is no option", "--json")]
    [InlineData("models remove", "--all")]
    [InlineData("models remove alexnet --all", "--all")]
    [InlineData("models verify --photo x.jpg", "--photo")]
    [InlineData("inspect", "inspect")]
    [InlineData("inspect a b", "b")]
    [InlineData("--nonsense", "'--nonsense' is no option")]
    public async Task A_wrong_command_line_is_2_and_says_how_to_get_help(string given, params string[] said)
    {
        var run = await AnnealRun.HereAsync(given.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.All(said.Append("--help"), text => Assert.Contains(text, run.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("classify", "photo.jpg", "--model", "")]
    [InlineData("models", "where", "--catalogue", " ")]
    [InlineData("models", "import", "")]
    [InlineData("inspect", "")]
    public async Task An_empty_value_is_a_wrong_command_line_and_no_bug(params string[] args)
    {
        var run = await AnnealRun.HereAsync(args);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains("empty", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version", @"^\d+\.\d+\.\d+")]
    [InlineData("--help", "classify")]
    [InlineData("classify --help", "--card")]
    [InlineData("models --help", "bundle")]
    public async Task Version_and_help_are_results(string given, string expected)
    {
        var run = await AnnealRun.HereAsync(given.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(expected, run.Out);
    }

    [Fact]
    public async Task The_catalogue_is_listed_and_every_entry_shown()
    {
        var list = await AnnealRun.HereAsync("models", "list", "--json");
        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        var names = list.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()!).ToList();
        Assert.Contains("resnet101", names);
        foreach (var name in names)
        {
            var show = await AnnealRun.HereAsync("models", "show", name);
            Assert.Equal((0, ""), (show.ExitCode, show.Error));
            Assert.StartsWith(name + "\n", show.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_model_goes_through_its_whole_life_here_and_on_a_machine_without_a_network()
    {
        var catalogue = WriteCatalogue();
        string[] with = ["--catalogue", catalogue];
        await Expect(0, "tiny-zoo: ", ["models", "download", "tiny-zoo", .. with]);
        await Expect(0, "*  tiny-zoo", ["models", "list", "--local", .. with]);
        await Expect(0, ".onnx", ["models", "where", "tiny-zoo", .. with]);
        await Expect(0, "ok       tiny-zoo", ["models", "verify", "tiny-zoo", .. with]);
        await Expect(0, "1 model checked", ["models", "verify", .. with]);
        await Expect(0, "opset 13", ["models", "verify", "tiny-zoo", "--photo", tiny["photos", "a.bmp"], .. with]);
        await Expect(0, " on cpu", ["models", "verify", "tiny-zoo", "--photo", tiny["photos", "a.bmp"], "--engine", "anneal", .. with]);
        var record = JsonDocument.Parse(File.ReadLines(Path.Combine(TestHome.Path, "checks", "tiny-zoo.jsonl")).Last()).RootElement;
        Assert.Equal("red", record.GetProperty("predictions")[0].GetProperty("label").GetString());
        await Expect(0, "a.bmp:  ", ["classify", tiny["photos", "a.bmp"], "--model", "tiny-zoo", .. with]);

        await Expect(0, "1 model", ["models", "bundle", "tiny-zoo", "--output", tiny["zoo.tar"], .. with]);
        await Expect(3, "exists already", ["models", "bundle", "tiny-zoo", "--output", tiny["zoo.tar"], .. with]);
        await Expect(0, "removed", ["models", "remove", "tiny-zoo", .. with]);
        await Expect(1, "was not on this machine", ["models", "remove", "tiny-zoo", .. with]);
        await Expect(3, "not on this machine", ["models", "where", "tiny-zoo", .. with]);

        var import = await Expect(0, "tiny-zoo: ", "models", "import", tiny["zoo.tar"]);
        Assert.Contains("--catalogue", import.Out, StringComparison.Ordinal);
        var kept = import.Out.TrimEnd().Split(' ')[^1];
        await Expect(0, "a.bmp:  ", "classify", tiny["photos", "a.bmp"], "--model", "tiny-zoo", "--catalogue", kept);
        await Expect(0, "freed", "models", "remove", "--all");
    }

    private static async Task<AnnealRun> Expect(int code, string said, params string[] args)
    {
        var run = await AnnealRun.HereAsync(args);
        Assert.True(run.ExitCode == code, $"{string.Join(' ', args)}: {run.ExitCode}, {run.Error}");
        Assert.Contains(said, run.Out + run.Error, StringComparison.Ordinal);
        return run;
    }

    private string WriteCatalogue()
    {
        var bytes = File.ReadAllBytes(tiny.Model);
        var card = File.ReadAllText(tiny.Card).Replace("\"red-or-blue\"", "\"tiny-zoo\"", StringComparison.Ordinal).TrimEnd().TrimEnd('}');
        File.WriteAllText(tiny["catalogue.json"], $$"""
            { "models": [ {{card}},
              "weights": "published",
              "file": { "sha256": "{{Convert.ToHexStringLower(SHA256.HashData(bytes))}}", "sizeBytes": {{bytes.Length}}, "sources": [ {{JsonSerializer.Serialize(new Uri(tiny.Model).AbsoluteUri)}} ] }
            } ] }
            """);
        return tiny["catalogue.json"];
    }
}
