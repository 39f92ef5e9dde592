using System.Collections.Concurrent;

namespace Anneal.Zoo.Images;

/// <summary>
/// Weights that were computed before. Pictures of one camera or data set share a few sizes, and a table costs more than the row it is
/// for. Holds at most a few hundred tables, and none that is large.
/// </summary>
internal static class TableCache
{
    private const int MostTables = 256;
    private const int MostWeights = 1 << 16;

    private static readonly ConcurrentDictionary<Key, TapTable> Tables = new();

    /// <summary>The table for a window of one direction, computed or remembered.</summary>
    internal static TapTable Get(int inputSize, int outputSize, ResizeFilter filter, int start, int count, int pixelBytes, SimdWidth width)
    {
        var key = new Key(inputSize, outputSize, filter, start, count, pixelBytes, width);
        if (Tables.TryGetValue(key, out var table))
            return table;
        table = TapTable.Create(Coefficients.Compute(inputSize, outputSize, filter, start, count), pixelBytes, width);
        if (Tables.Count >= MostTables)
            Tables.Clear();
        if (table.Coefficients.Weights.Length <= MostWeights)
            Tables[key] = table;
        return table;
    }

    private readonly record struct Key(
        int InputSize, int OutputSize, ResizeFilter Filter, int Start, int Count, int PixelBytes, SimdWidth Width);
}
