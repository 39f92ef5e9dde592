using System.Text;
using Spectre.Console;

namespace Anneal.Cli;

/// <summary>
/// Where people and scripts read: results on <see cref="Out"/>, everything else on <see cref="Error"/>. Colours, bars and spinners appear
/// only on a terminal; <c>NO_COLOR</c> and <c>TERM=dumb</c> are honoured.
/// </summary>
internal sealed class Screen
{
    private readonly Lazy<IAnsiConsole> _rich;
    private readonly Lazy<IAnsiConsole> _richError;
    private int _liveLength;

    public Screen(TextWriter output, TextWriter error, bool isRich = false, bool isErrorRich = false, bool hasColor = false)
    {
        (Out, Error, IsRich, IsErrorRich) = (output, error, isRich, isErrorRich);
        _rich = new(() => Console(output, hasColor));
        _richError = new(() => Console(error, hasColor));
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Notices, warnings, progress and errors.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether results are read on a terminal.</summary>
    public bool IsRich { get; }

    /// <summary>Whether notices and progress are read on a terminal.</summary>
    public bool IsErrorRich { get; }

    /// <summary>The terminal that shows results; only to be used when <see cref="IsRich"/>.</summary>
    public IAnsiConsole Rich => _rich.Value;

    /// <summary>The terminal that shows progress; only to be used when <see cref="IsErrorRich"/>.</summary>
    public IAnsiConsole RichError => _richError.Value;

    /// <summary>The screen of this process.</summary>
    public static Screen Open()
    {
        var isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        var hasColor = !isDumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new(StandardOutput.Open(), System.Console.Error,
            !isDumb && !System.Console.IsOutputRedirected, !isDumb && !System.Console.IsErrorRedirected, hasColor);
    }

    /// <summary>A line of results, out at once.</summary>
    public void Line(string text = "")
    {
        Out.WriteLine(text);
        Out.Flush();
    }

    /// <summary>A line of results that opens a section.</summary>
    public void Heading(string text)
    {
        if (IsRich)
            Rich.MarkupLineInterpolated($"[bold]{text}[/]");
        else
            Line(text);
    }

    /// <summary>A line of results that only explains the lines below it.</summary>
    public void Faint(string text)
    {
        if (IsRich)
            Rich.MarkupLineInterpolated($"[dim]{text}[/]");
        else
            Line(text);
    }

    /// <summary>A line of results that asks for attention.</summary>
    public void Warning(string text)
    {
        if (IsRich)
            Rich.Write(new Padder(new Markup($"[yellow]![/] {Markup.Escape(Printable(text))}"), new Padding(2, 0, 0, 0)));
        else
            Line($"  ! {Printable(text)}");
    }

    /// <summary>A line for the person, apart from the results.</summary>
    public void Notice(string text)
    {
        EndLive();
        Error.WriteLine("anneal: " + Printable(text));
        Error.Flush();
    }

    /// <summary>A line that is written over the one before it; only to be used when <see cref="IsErrorRich"/>.</summary>
    public void Live(string text)
    {
        var shown = Printable(text);
        var width = Math.Max(20, RichError.Profile.Width - 1);
        if (shown.Length > width)
            shown = shown[..width];
        Error.Write('\r' + shown.PadRight(_liveLength));
        Error.Flush();
        _liveLength = shown.Length;
    }

    /// <summary>Leaves the live line as it stands and goes on below it.</summary>
    public void EndLive()
    {
        if (_liveLength > 0)
            Error.WriteLine();
        _liveLength = 0;
    }

    /// <summary>
    /// Text in which nothing steers a terminal or breaks a line: a file name may hold any character, an escape sequence included.
    /// </summary>
    public static string Printable(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var printable = new StringBuilder(text.Length);
        foreach (var character in text.ReplaceLineEndings(" "))
            printable.Append(char.IsControl(character) ? '\uFFFD' : character);
        return printable.ToString();
    }

    private static IAnsiConsole Console(TextWriter writer, bool hasColor) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = hasColor ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = hasColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Out = new AnsiConsoleOutput(writer),
    });
}
