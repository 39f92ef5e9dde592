using System.Text.Json;
using Anneal.Cli.Quickstart;

namespace Anneal.Cli.Tests;

/// <summary>The walk that a newcomer takes first.</summary>
public sealed class QuickstartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task It_names_digits_learns_letters_and_leaves_a_file_that_needs_no_card()
    {
        var run = await AnnealRun.HereAsync("quickstart", _folder["walk"], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var steps = run.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(step => step.GetProperty("step").GetString()!);
        Assert.Equal(["classify", "finetune", "export", "verify"], steps.Keys);
        Assert.InRange(steps["finetune"].GetProperty("top1").GetDouble(), 0.9, 1);
        Assert.InRange(Right(steps["classify"]), 9, 10);
        Assert.InRange(Right(steps["verify"]), 5, 6);
        Assert.All(steps.Values, step => Assert.InRange(step.GetProperty("seconds").GetDouble(), 0, 600));
        var file = steps["export"].GetProperty("out").GetString()!;
        var answer = await AnnealRun.HereAsync("classify", _folder["walk", "new-letters"], "--model", file, "--json");
        Assert.Equal(0, answer.ExitCode);
        Assert.Equal(6, answer.Lines.Count);
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_refused_and_left_alone()
    {
        File.WriteAllText(_folder["mine.txt"], "mine");

        var run = await AnnealRun.HereAsync("quickstart", Path.GetDirectoryName(_folder["mine.txt"])!);

        Assert.Equal(ExitCode.NoModel, run.ExitCode);
        Assert.Contains("is not empty, and nothing is written over", run.Error, StringComparison.Ordinal);
        Assert.Equal([_folder["mine.txt"]], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_folder["mine.txt"])!));
    }

    [Fact]
    public void A_picture_is_shown_as_half_blocks()
    {
        var pixels = new byte[28 * 28];
        for (var y = 0; y < 28; y++)
            pixels.AsSpan(28 * y, y < 14 ? 4 : 2).Fill(255);

        var lines = HalfBlocks.Lines(pixels).Select(line => line.TrimEnd());

        Assert.Equal(["██", "██", "██", "█▀", "█", "█", "█"], lines);
    }

    public void Dispose() => _folder.Dispose();

    private static int Right(JsonElement step) => step.GetProperty("pictures").EnumerateArray()
        .Count(picture => picture.GetProperty("label").GetString() == picture.GetProperty("shows").GetString());
}
