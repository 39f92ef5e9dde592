namespace Anneal.Cli;

/// <summary>Rows of text with their columns under each other; the last column runs free.</summary>
internal sealed class Columns
{
    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Screen.Printable)]);

    /// <summary>Writes all rows, indented by so many spaces.</summary>
    public void WriteTo(Screen screen, int indent = 0)
    {
        if (_rows.Count == 0)
            return;
        var widths = Enumerable.Range(0, _rows.Max(row => row.Length)).Select(Width).ToArray();
        foreach (var row in _rows)
            screen.Line((new string(' ', indent) + string.Join("  ", row.Select((cell, column) => Pad(cell, widths[column], column == row.Length - 1)))).TrimEnd());
    }

    /// <summary>The last cell of a row is as long as it likes and pushes nothing aside.</summary>
    private int Width(int column) => _rows.Max(row => column < row.Length - 1 ? row[column].Length : 0);

    /// <summary>A number with its unit stands to the right, text to the left.</summary>
    private static string Pad(string cell, int width, bool isLast) =>
        !isLast && cell.Length > 0 && char.IsAsciiDigit(cell[0]) ? cell.PadLeft(width) : cell.PadRight(width);
}
