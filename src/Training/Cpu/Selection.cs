using System.Numerics;

namespace Anneal.Training.Cpu;

/// <summary>
/// The places of the k largest or smallest elements of a row, in their order; of equal elements the first comes first, and NaN counts as smaller
/// than any number. A few are kept in a short list that better ones are inserted into; where many are asked for, the whole row is sorted.
/// </summary>
internal sealed class Selection<T>(int extent, int k, bool largest) where T : unmanaged, INumber<T>
{
    // Up to here, moving the end of a short list costs less than sorting: nearly all elements of a long row are worse than its last.
    private const int MostInserted = 64;

    private readonly int[] _places = new int[k <= MostInserted ? k : extent];

    /// <summary>The places for a row, until the next one is asked about.</summary>
    public ReadOnlySpan<int> Of(T[] row)
    {
        if (k <= MostInserted)
            Insert(row);
        else
            Sort(row);
        return _places.AsSpan(0, k);
    }

    private void Insert(T[] row)
    {
        var count = 0;
        for (var place = 0; place < row.Length; place++)
        {
            if (count == k && (k == 0 || !IsBefore(row[place], row[_places[k - 1]])))
                continue;
            var at = count < k ? count++ : k - 1;
            for (; at > 0 && IsBefore(row[place], row[_places[at - 1]]); at--)
                _places[at] = _places[at - 1];
            _places[at] = place;
        }
    }

    private void Sort(T[] row)
    {
        for (var place = 0; place < extent; place++)
            _places[place] = place;
        Array.Sort(_places, (a, b) => IsBefore(row[a], row[b]) ? -1 : IsBefore(row[b], row[a]) ? 1 : a.CompareTo(b));
    }

    private bool IsBefore(T a, T b) => (largest ? b.CompareTo(a) : a.CompareTo(b)) < 0;
}
