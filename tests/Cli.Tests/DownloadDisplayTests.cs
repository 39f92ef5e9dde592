using Anneal.Zoo;

namespace Anneal.Cli.Tests;

public sealed class DownloadDisplayTests
{
    private static readonly Uri Source = new("https://example.invalid/net.onnx");

    [Fact]
    public void A_log_gets_a_line_for_each_tenth_of_the_way_and_no_more()
    {
        var lines = Show(isTerminal: false).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("anneal: net: from https://example.invalid/net.onnx", lines[0]);
        Assert.Equal(10, lines.Count(line => line.Contains(" of 1.0 MB", StringComparison.Ordinal)));
        Assert.Contains("anneal: net: the server stalled; next attempt in 1 s.", lines);
        Assert.Equal("anneal: net: 1.0 MB, complete and verified.", lines[^1]);
    }

    [Fact]
    public void A_terminal_gets_one_line_that_moves_and_holds_no_escape_codes()
    {
        var text = Show(isTerminal: true);
        Assert.Contains('\r', text);
        Assert.Contains('\u2588', text);
        Assert.DoesNotContain('\u001b', text);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.Equal(3, text.Count(character => character == '\n'));
    }

    private static string Show(bool isTerminal)
    {
        var error = new StringWriter { NewLine = "\n" };
        var display = DownloadDisplay.On(new Screen(TextWriter.Null, error, isErrorRich: isTerminal));
        display.Report(At(DownloadPhase.Connecting, 0));
        for (var received = 0; received <= 1_000_000; received += 10_000)
        {
            display.Report(At(DownloadPhase.Receiving, received));
            if (received == 500_000)
                display.Report(At(DownloadPhase.Retrying, received) with { Note = "the server stalled; next attempt in 1 s" });
        }
        display.Report(At(DownloadPhase.Complete, 1_000_000));
        return error.ToString();
    }

    private static DownloadProgress At(DownloadPhase phase, long received) => new("net", phase, received, 1_000_000, 50_000, Source, null);
}
