using Anneal.Training;

namespace Anneal.Cli.Handwriting;

/// <summary>Writes characters by hand, each time as another person: the same draws give the same pixels.</summary>
internal static class Scribe
{
    /// <summary>Writes one character.</summary>
    /// <param name="ways">The ways to write it.</param>
    /// <param name="draws">Who writes.</param>
    /// <returns>28 rows of 28 pixels, 0 for paper and 255 for ink.</returns>
    public static byte[] Write(IReadOnlyList<Glyph> ways, Draws draws)
    {
        var glyph = Glyph.Pick(ways, draws.For("way").Uniform());
        var grain = draws.For("grain of the paper");
        return Ink.Draw(glyph, new Hand(draws.For("hand")), pixel => grain.Normal(pixel));
    }
}
