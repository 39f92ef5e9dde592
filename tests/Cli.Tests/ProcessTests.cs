using System.Diagnostics;

namespace Anneal.Cli.Tests;

/// <summary>What only a process of its own shows: pipes, signals, encodings.</summary>
public sealed class ProcessTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    /// <summary>More answers than a pipe holds, so that the program is still at work when it is interrupted.</summary>
    private const int Many = 2000;

    private const string Escape = "\u001b";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Json_is_utf8_without_a_mark_whatever_the_locale_and_notices_are_on_standard_error()
    {
        var photo = tiny["photos-\u732B-\u00FC.bmp"];
        File.Copy(tiny["photos", "a.bmp"], photo, overwrite: true);
        var run = await AnnealRun.ChildAsync(tiny.Classify(photo, "--json"), null, ("LC_ALL", "C"), ("LANG", "C"));
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("{\"file\":", run.Out, StringComparison.Ordinal);
        Assert.Contains("\u732B-\u00FC.bmp", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("}\n", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("auto", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models list")]
    [InlineData("doctor")]
    [InlineData("quickstart")]
    [InlineData("--help")]
    [InlineData("classify photos --model red-or-blue.onnx --card card.json")]
    public async Task Piped_output_holds_no_escape_codes_and_no_carriage_returns(string command)
    {
        var run = await AnnealRun.ChildAsync(command.Split(' '), Path.GetDirectoryName(tiny.Model));
        Assert.NotEmpty(run.Out);
        Assert.DoesNotContain(Escape, run.Out + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', run.Out + run.Error);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_it_at_once_after_whole_lines(string signal, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        using var child = AnnealRun.Start(ManyPhotos());
        var first = await child.StandardOutput.ReadLineAsync(Stop);
        var watch = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", [$"-{signal}", $"{child.Id}"]))
            await kill.WaitForExitAsync(Stop);
        await child.WaitForExitAsync(Stop);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
        var rest = await child.StandardOutput.ReadToEndAsync(Stop);
        Assert.Equal(expected, child.ExitCode);
        Assert.EndsWith("}", first, StringComparison.Ordinal);
        Assert.True(rest.Length == 0 || rest.EndsWith("}\n", StringComparison.Ordinal));
        Assert.True(rest.Count(character => character == '\n') < Many - 1, "It had finished before it was interrupted.");
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_ends_it_quietly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows pipes end in another way.");
        using var child = AnnealRun.Start(ManyPhotos());
        await child.StandardOutput.ReadLineAsync(Stop);
        child.StandardOutput.Close();
        var error = await child.StandardError.ReadToEndAsync(Stop);
        await child.WaitForExitAsync(Stop);
        Assert.Equal(0, child.ExitCode);
        Assert.DoesNotContain("pipe", error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_under_standard_output_is_an_error_and_no_silence()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no /dev/full.");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "exec dotnet \"$0\" models list > /dev/full", AnnealRun.Program]) { RedirectStandardError = true })!;
        var error = await shell.StandardError.ReadToEndAsync(Stop);
        await shell.WaitForExitAsync(Stop);
        Assert.Equal(74, shell.ExitCode);
        Assert.StartsWith("anneal: ", error, StringComparison.Ordinal);
    }

    private string[] ManyPhotos()
    {
        var photo = Path.GetRelativePath(Environment.CurrentDirectory, tiny["photos", "a.bmp"]);
        return tiny.Classify([.. Enumerable.Repeat(photo, Many), "--json", "--device", "cpu"]);
    }
}
