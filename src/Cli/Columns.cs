namespace Anneal.Cli;

/// <summary>Rows of text with their columns under each other; the last column runs free.</summary>
internal sealed class Columns
{
    private readonly List<string[]> _rows = [];
    private string[]? _titles;

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Screen.Printable)]);

    /// <summary>Names the columns; a title stands as the cells under it do.</summary>
    public void Title(params string[] titles) => _titles = titles;

    /// <summary>Writes all rows, indented by so many spaces.</summary>
    public void WriteTo(Screen screen, int indent = 0)
    {
        if (_rows.Count == 0)
            return;
        var widths = Enumerable.Range(0, _rows.Max(row => row.Length)).Select(Width).ToArray();
        if (_titles is not null)
            screen.Faint(Line(_titles, widths, indent, column => _rows.Exists(row => IsNumber(row, column))));
        foreach (var row in _rows)
            screen.Line(Line(row, widths, indent, column => IsNumber(row, column)));
    }

    /// <summary>The last cell of a row is as long as it likes and pushes nothing aside.</summary>
    private int Width(int column) =>
        Math.Max(_rows.Max(row => column < row.Length - 1 ? row[column].Length : 0), column < _titles?.Length - 1 ? _titles![column].Length : 0);

    private static string Line(string[] cells, int[] widths, int indent, Func<int, bool> isRight) =>
        (new string(' ', indent) + string.Join("  ", cells.Select((cell, column) => Pad(cell, widths[column], column < cells.Length - 1 && isRight(column))))).TrimEnd();

    /// <summary>A number with its unit stands to the right, text to the left.</summary>
    private static bool IsNumber(string[] row, int column) =>
        column < row.Length - 1 && row[column].Length > 0 && char.IsAsciiDigit(row[column][0]);

    private static string Pad(string cell, int width, bool isRight) => isRight ? cell.PadLeft(width) : cell.PadRight(width);
}
