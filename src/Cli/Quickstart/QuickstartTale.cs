using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Anneal.Cli.Quickstart;

/// <summary>Tells what each step does and how long it takes: for people as it happens, for programs one JSON object a step.</summary>
internal sealed class QuickstartTale(Screen screen, bool isJson)
{
    private const string Indent = "   ";

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Does a step.</summary>
    /// <param name="name">What programs call it.</param>
    /// <param name="title">What people read above it.</param>
    /// <param name="work">The step.</param>
    /// <param name="tell">What people read of the result.</param>
    /// <param name="members">What programs read of it.</param>
    public async Task<T> StepAsync<T>(string name, string title, Func<Task<T>> work, Action<T> tell, Action<Utf8JsonWriter, T> members)
    {
        if (!isJson)
            screen.Heading(title);
        var start = Elapsed;
        var result = await work().ConfigureAwait(false);
        var seconds = (Elapsed - start).TotalSeconds;
        if (isJson)
            screen.Line(JsonText.Object(json =>
            {
                json.WriteString("step", name);
                members(json, result);
                json.WriteNumber("seconds", Math.Round(seconds, 3));
            }));
        else
        {
            tell(result);
            screen.Faint(string.Create(CultureInfo.InvariantCulture, $"{Indent}{seconds:0.0} s"));
            screen.Line();
        }
        return result;
    }

    /// <summary>A line for people.</summary>
    public void Say(string text)
    {
        if (!isJson)
            screen.Line(Indent + text);
    }

    /// <summary>Pictures with what the network says below each; on a terminal the pictures themselves.</summary>
    public void Show(IReadOnlyList<Character> characters)
    {
        const int Gap = 2;
        var inRow = Math.Max(1, ((screen.IsRich ? screen.Rich.Profile.Width : 80) - Indent.Length) / (HalfBlocks.Width + Gap));
        foreach (var row in characters.Chunk(inRow))
        {
            if (screen.IsRich)
                foreach (var line in row.Select(character => HalfBlocks.Lines(character.Pixels).ToArray()).Aggregate((left, right) => [.. left.Zip(right, (a, b) => a + new string(' ', Gap) + b)]))
                    Say(line.TrimEnd());
            Say(string.Concat(row.Select(character => Caption(character).PadRight(HalfBlocks.Width + Gap))).TrimEnd());
        }
    }

    /// <summary>Pictures with what the network says, as members of an object.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<Character> characters) => json.Objects("pictures", characters, character =>
    {
        json.WriteString("file", character.File);
        json.WriteString("shows", character.Name);
        json.WriteString("label", character.Answer?.Label);
        json.Number("probability", character.Answer?.Probability);
    });

    private static string Caption(Character character) => string.Create(CultureInfo.InvariantCulture,
        $"{character.Name}: {character.Answer!.Label} {100 * character.Answer.Probability:0} %{(character.IsRight ? "" : " (!)")}");
}
