using System.Globalization;

namespace Anneal.Cli.Handwriting;

/// <summary>One way to write a character: the strokes of the pen, each a row of knots.</summary>
/// <param name="Share">How common this way is among those of the same character.</param>
/// <param name="Strokes">What the pen does between being set down and lifted.</param>
internal sealed record Glyph(double Share, IReadOnlyList<IReadOnlyList<Knot>> Strokes)
{
    /// <summary>Reads strokes as they are written in the tables: <c>8,8 90,8! 45,98 / 35,52 85,50</c> is a seven with a bar.</summary>
    /// <param name="share">How common this way is.</param>
    /// <param name="strokes">Knots <c>x,y</c>; <c>!</c> makes a corner, <c>/</c> lifts the pen.</param>
    public static Glyph Of(double share, string strokes) => new(share, [.. strokes.Split('/').Select(Stroke)]);

    /// <summary>One of several ways, each as often as its share says.</summary>
    /// <param name="ways">The ways of one character.</param>
    /// <param name="uniform">A number drawn from [0, 1).</param>
    public static Glyph Pick(IReadOnlyList<Glyph> ways, double uniform)
    {
        var left = uniform * ways.Sum(way => way.Share);
        foreach (var way in ways)
            if ((left -= way.Share) < 0)
                return way;
        return ways[^1];
    }

    private static IReadOnlyList<Knot> Stroke(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Knot)];

    private static Knot Knot(string text)
    {
        var isCorner = text.EndsWith('!');
        var numbers = text.TrimEnd('!').Split(',');
        return new(Number(numbers[0]), Number(numbers[1]), isCorner);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
