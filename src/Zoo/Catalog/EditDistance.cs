namespace Anneal.Zoo;

/// <summary>How far a mistyped word is from a known one.</summary>
internal static class EditDistance
{
    /// <summary>
    /// The least number of characters to insert, remove or change, or of neighbours to swap, each place touched once (the restricted distance
    /// of Damerau 1964 and Levenshtein 1966), row by row.
    /// </summary>
    public static int Between(string from, string to)
    {
        var before = new int[to.Length + 1];
        var last = new int[to.Length + 1];
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            (before, last, row) = (last, row, before);
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, 1 + Math.Min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
        }
        return row[^1];
    }
}
