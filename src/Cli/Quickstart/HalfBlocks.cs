using Anneal.Cli.Handwriting;

namespace Anneal.Cli.Quickstart;

/// <summary>A drawn character as text: two by two pixels make a dot, and a letter of a terminal shows two dots, one above the other.</summary>
internal static class HalfBlocks
{
    /// <summary>How many letters wide a picture is.</summary>
    public const int Width = Ink.Size / 2;

    // The sum of four pixels from which on a dot is set: a third of full ink.
    private const int Ink4 = 4 * 255 / 3;

    /// <summary>The lines of a picture, from the top.</summary>
    /// <param name="pixels">28 rows of 28 pixels, 0 for paper.</param>
    public static IEnumerable<string> Lines(byte[] pixels)
    {
        for (var y = 0; y < Ink.Size; y += 4)
            yield return string.Concat(Enumerable.Range(0, Width).Select(column => (IsSet(pixels, 2 * column, y), IsSet(pixels, 2 * column, y + 2)) switch
            {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                _ => ' ',
            }));
    }

    private static bool IsSet(byte[] pixels, int x, int y)
    {
        var first = (y * Ink.Size) + x;
        return pixels[first] + pixels[first + 1] + pixels[first + Ink.Size] + pixels[first + Ink.Size + 1] >= Ink4;
    }
}
