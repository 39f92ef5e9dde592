using System.Text.Json;

namespace Anneal.Cli.Tests;

/// <summary>What scripts rely on: the JSON lines, their order, the exit codes, and what goes where.</summary>
public sealed class ClassifyContractTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task A_json_line_has_exactly_these_members_in_this_order()
    {
        var run = await AnnealRun.HereAsync(tiny.Classify(tiny["photos", "a.bmp"], "--json", "--device", "cpu"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var line = JsonDocument.Parse(Assert.Single(run.Lines));
        var probabilities = line.RootElement.GetProperty("predictions").EnumerateArray().Select(p => p.GetProperty("probability").GetRawText()).ToArray();
        var expected = $$"""
            {"file":{{JsonSerializer.Serialize(tiny["photos", "a.bmp"])}},"model":{{JsonSerializer.Serialize(tiny.Model)}},"engine":"ort","device":"cpu","predictions":[{"index":0,"label":"red","probability":{{probabilities[0]}}},{"index":1,"label":"blue","probability":{{probabilities[1]}}}],"error":null}
            """;
        Assert.Equal(expected, run.Lines[0]);
        Assert.Equal(1, probabilities.Sum(p => float.Parse(p, System.Globalization.CultureInfo.InvariantCulture)), 1e-5f);
    }

    [Theory]
    [InlineData("classify --engine anneal --device cpu", "anneal")]
    [InlineData("classify --engine anneal --device cpu --threads 1", "anneal")]
    [InlineData("classify --engine auto --device cpu", "ort")]
    public async Task Both_engines_give_the_same_answer_under_their_own_name(string given, string engine)
    {
        var expected = await AnnealRun.HereAsync(tiny.Classify(tiny["photos", "a.bmp"], "--json", "--engine", "ort", "--device", "cpu"));
        var run = await AnnealRun.HereAsync([.. given.Split(' '), "--model", tiny.Model, "--card", tiny.Card, tiny["photos", "a.bmp"], "--json"]);
        Assert.Equal(0, run.ExitCode);
        var (theirs, ours) = (JsonDocument.Parse(expected.Lines[0]).RootElement, JsonDocument.Parse(run.Lines[0]).RootElement);
        Assert.Equal((engine, "cpu"), (ours.GetProperty("engine").GetString(), ours.GetProperty("device").GetString()));
        foreach (var (a, b) in theirs.GetProperty("predictions").EnumerateArray().Zip(ours.GetProperty("predictions").EnumerateArray()))
        {
            Assert.Equal(a.GetProperty("label").GetString(), b.GetProperty("label").GetString());
            Assert.Equal(a.GetProperty("probability").GetDouble(), b.GetProperty("probability").GetDouble(), 1e-5);
        }
    }

    [Fact]
    public async Task Every_input_is_answered_in_order_and_the_bad_ones_do_not_stop_the_rest()
    {
        var run = await AnnealRun.HereAsync(tiny.Classify(
            tiny["missing.bmp"], tiny["photos", "b.bmp"], tiny.Photos, tiny["*.gif"], tiny["photos", "[ab].bmp"], tiny["empty"], "--json", "--batch", "2"));

        Assert.Equal(1, run.ExitCode);
        var answers = run.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        string[] files = [tiny["missing.bmp"], tiny["photos", "b.bmp"],
            tiny["photos", "a.bmp"], tiny["photos", "b.bmp"], tiny["photos", "notes.txt"],
            tiny["*.gif"], tiny["photos", "a.bmp"], tiny["photos", "b.bmp"], tiny["empty"]];
        Assert.Equal(files, answers.Select(answer => answer.GetProperty("file").GetString()));
        bool[] failed = [true, false, false, false, true, true, false, false, true];
        Assert.Equal(failed, answers.Select(answer => answer.GetProperty("error").ValueKind == JsonValueKind.String));
        Assert.Equal(failed, answers.Select(answer => answer.GetProperty("predictions").GetArrayLength() == 0));
        Assert.All(answers, answer => Assert.Equal("cpu", answer.GetProperty("device").GetString()));
    }

    [Theory]
    [InlineData(0, "photos/a.bmp")]
    [InlineData(1, "photos/a.bmp photos/notes.txt")]
    [InlineData(1, "missing.bmp")]
    [InlineData(1, "@missing", "'@missing'")]
    [InlineData(1, "-- -missing", "'-missing'")]
    [InlineData(2, "photos/a.bmp --modle x", "--modle", "Did you mean --model?")]
    [InlineData(2, "photos/a.bmp --top 0", "--top", "0")]
    [InlineData(2, "photos/a.bmp --top many", "--top", "many")]
    [InlineData(2, "photos/a.bmp --batch -1", "--batch", "-1")]
    [InlineData(2, "photos/a.bmp --device gpu", "gpu", "cuda:N")]
    [InlineData(2, "photos/a.bmp --engine caffe", "caffe", "ort")]
    [InlineData(2, "photos/a.bmp --top", "--top")]
    [InlineData(2, "", "classify")]
    [InlineData(3, "photos/a.bmp --device opencl:63", "opencl:63")]
    [InlineData(3, "photos/a.bmp --engine ort --device opencl:0", "opencl:0", "'anneal'")]
    [InlineData(3, "photos/a.bmp --catalogue missing.json", "missing.json")]
    public async Task The_exit_code_says_what_went_wrong_and_one_line_says_more(int expected, string given, params string[] said)
    {
        var run = await AnnealRun.HereAsync(tiny.Classify(["--json", .. Split(given)]));
        Assert.Equal(expected, run.ExitCode);
        Assert.All(said, text => Assert.Contains(text, expected == 1 ? run.Out : run.Error, StringComparison.Ordinal));
        if (expected >= 2)
        {
            Assert.Empty(run.Out);
            Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith("anneal: ", run.Error, StringComparison.Ordinal);
        }
        if (expected == 2)
            Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("photos/a.bmp --model resnet1O1", "Did you mean", "resnet101")]
    [InlineData("photos/a.bmp --model missing.onnx", "missing.onnx")]
    [InlineData("photos/a.bmp --model red-or-blue.onnx", "--card", "cifar10", "imagenet-caffe")]
    [InlineData("photos/a.bmp --model red-or-blue.onnx --card cifar-11", "cifar-11", "cifar10")]
    [InlineData("photos/a.bmp --model red-or-blue.onnx --card missing.json", "missing.json")]
    [InlineData("photos/a.bmp --model red-or-blue.onnx --card squeezenet1.1", "another model", "64")]
    [InlineData("photos/a.bmp --model card.json --card card.json", "card.json")]
    [InlineData("photos/a.bmp --model resnet101 --offline", "resnet101", "network is off", "https://")]
    [InlineData("photos/a.bmp --model tv-alexnet", "tv-alexnet", "--allow-unverified")]
    [InlineData("photos/a.bmp --model imagenet-torchvision", "imagenet-torchvision", "no file")]
    [InlineData("photos/a.bmp --model https://example.invalid/net.onnx", "--sha256")]
    public async Task A_model_that_cannot_be_had_is_3_and_one_line(string given, params string[] said)
    {
        var run = await AnnealRun.HereAsync(["classify", .. Split(given)]);
        Assert.Equal((3, ""), (run.ExitCode, run.Out));
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(said, text => Assert.Contains(text, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Top_is_how_many_classes_are_named()
    {
        var run = await AnnealRun.HereAsync(tiny.Classify(tiny["photos", "a.bmp"], "--json", "--top", "1"));
        Assert.Contains("\"predictions\":[{\"index\":0,\"label\":\"red\"", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("blue", run.Lines[0].Replace(tiny.Model, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_json_a_line_names_a_class_and_errors_stay_out_of_the_results()
    {
        var run = await AnnealRun.HereAsync(tiny.Classify(tiny.Photos));
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(4, run.Lines.Count);
        Assert.Matches(@"a\.bmp:  \d\d\.\d\d %  red$", run.Lines[0]);
        Assert.Matches(@"a\.bmp:  \d?\d\.\d\d %  blue$", run.Lines[1].Replace("   ", "  ", StringComparison.Ordinal));
        Assert.Contains("notes.txt", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("notes.txt", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_bars_show_how_sure_the_model_is()
    {
        var output = new StringWriter();
        var screen = new Screen(output, TextWriter.Null, isRich: true);
        await CommandLine.RunAsync(tiny.Classify(tiny["photos", "a.bmp"]), screen, TestContext.Current.CancellationToken);
        Assert.Contains("\u2588", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("red", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idx_file_is_all_its_pictures_in_order()
    {
        File.WriteAllBytes(tiny["two-idx3-ubyte"], [0, 0, 8, 3, 0, 0, 0, 11, 0, 0, 0, 64, 0, 0, 0, 64, .. new byte[11 * 64 * 64]]);
        var run = await AnnealRun.HereAsync(tiny.Classify(tiny["two-idx3-ubyte"], tiny["two-idx3-ubyte#1"], tiny["two-idx3-ubyte#99"], "--json"));
        Assert.Equal(1, run.ExitCode);
        Assert.Equal([.. Enumerable.Range(0, 11), 1, 99], run.Lines.Select(line => int.Parse(
            JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()!.Split('#')[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(run.Lines.Take(12), line => Assert.EndsWith("\"error\":null}", line, StringComparison.Ordinal));
        Assert.Contains("there is no picture 99", run.Lines[12], StringComparison.Ordinal);
    }

    /// <summary>Arguments in which a name of something in the folder becomes its path.</summary>
    private string[] Split(string given) => [.. given.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(argument =>
        argument.Contains("://", StringComparison.Ordinal) || !argument.Contains('.', StringComparison.Ordinal) || argument.StartsWith("squeezenet", StringComparison.Ordinal)
            ? argument
            : tiny[argument.Split('/')])];
}
