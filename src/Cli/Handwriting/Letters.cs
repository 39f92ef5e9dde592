namespace Anneal.Cli.Handwriting;

/// <summary>How people write a few capital letters: classes that a network of digits has never seen.</summary>
internal static class Letters
{
    /// <summary>For each letter the ways to write it.</summary>
    public static readonly IReadOnlyList<(string Name, IReadOnlyList<Glyph> Ways)> All =
    [
        ("A",
        [
            Glyph.Of(3, "0,100 50,0! 100,100 / 20,62 80,62"),
            Glyph.Of(1, "5,100 30,40 55,0! 75,50 90,100 / 15,70 85,60"),
        ]),
        ("C",
        [
            Glyph.Of(3, "95,20 60,0 15,25 5,60 30,95 65,100 95,82"),
            Glyph.Of(1, "85,15 50,5 10,45 20,90 60,98 90,85"),
        ]),
        ("E",
        [
            Glyph.Of(2, "90,0 10,0! 10,100! 92,100 / 10,50 75,50"),
            Glyph.Of(1, "90,10 50,0 20,20 55,48! 15,75 45,100 92,90"),
        ]),
        ("H",
        [
            Glyph.Of(3, "10,0 10,100 / 90,0 90,100 / 10,50 90,50"),
            Glyph.Of(1, "15,0 10,100 / 85,0 90,100 / 12,55 88,48"),
        ]),
        ("K",
        [
            Glyph.Of(2, "12,0 12,100 / 90,0 15,55! 95,100"),
            Glyph.Of(1, "15,0 10,100 / 85,5 12,52 / 35,42 60,65 95,98"),
        ]),
        ("W",
        [
            Glyph.Of(2, "0,0 25,100! 50,25! 75,100! 100,0"),
            Glyph.Of(1, "0,5 15,90 35,95 50,40! 60,92 85,95 100,0"),
        ]),
    ];
}
