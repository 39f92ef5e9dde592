using System.Numerics;
using Anneal.Training.Ops;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>y [outer, n, inner] takes the rows of x [outer, extent, inner] with these numbers.</summary>
internal readonly struct GatherWork<T>(ArrayView<T> x, ArrayView<int> numbers, ArrayView<T> y, int extent, int count, int inner) : IElementWork where T : unmanaged
{
    public void Run(int index)
    {
        var (rest, at) = (index / inner, index % inner);
        var (outer, i) = (rest / count, rest % count);
        y[index] = x[(((outer * extent) + numbers[i]) * inner) + at];
    }
}

/// <summary>
/// y [outer, extent, inner] is joined with the rows of updates [outer, n, inner]: a thread for each element, which takes them in their order. The
/// updates of row r stand in a list from <c>starts[r]</c> to before <c>starts[r + 1]</c>.
/// </summary>
internal readonly struct JoinRowsWork<T, TJoin>(ArrayView<T> updates, ArrayView<int> starts, ArrayView<int> list, ArrayView<T> y, int extent, int count, int inner) : IElementWork
    where T : unmanaged, INumber<T>
    where TJoin : struct, IJoin
{
    public void Run(int index)
    {
        var (rest, at) = (index / inner, index % inner);
        var (outer, row) = (rest / extent, rest % extent);
        var result = y[index];
        for (var i = starts[row]; i < starts[row + 1]; i++)
            result = TJoin.Join(result, updates[(((outer * count) + list[i]) * inner) + at]);
        y[index] = result;
    }
}

/// <summary>
/// du [n, inner]: the product of dy, of x and of all updates of the same row but the update itself. Row and list of an update as of
/// <see cref="JoinRowsWork{T, TJoin}"/>.
/// </summary>
internal readonly struct OtherFactorsWork<T>(
    ArrayView<T> x, ArrayView<T> updates, ArrayView<T> dy, ArrayView<int> rows, ArrayView<int> starts, ArrayView<int> list, ArrayView<T> du, int inner) : IElementWork
    where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var (number, at) = (index / inner, index % inner);
        var row = rows[number];
        var product = x[(row * inner) + at] * dy[(row * inner) + at];
        for (var i = starts[row]; i < starts[row + 1]; i++)
            if (list[i] != number)
                product *= updates[(list[i] * inner) + at];
        du[index] = product;
    }
}

/// <summary>The place of the greatest or least number of each column of x [outer, extent, inner]; a NaN beats every number.</summary>
internal readonly struct ArgWork<T>(ArrayView<T> x, ArrayView<long> y, int extent, int inner, int wantsLargest, int wantsLast) : IElementWork where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var start = (index / inner * extent * inner) + (index % inner);
        var best = 0;
        var value = x[start];
        for (var i = 1; i < extent; i++)
        {
            var next = x[start + (i * inner)];
            if (Beats(next, value))
                (best, value) = (i, next);
        }
        y[index] = best;
    }

    private bool Beats(T a, T b)
    {
        if (T.IsNaN(a) || T.IsNaN(b))
            return T.IsNaN(a) && (!T.IsNaN(b) || wantsLast != 0);
        return (wantsLargest != 0 ? a > b : a < b) || (wantsLast != 0 && a == b);
    }
}

/// <summary>
/// The k largest or smallest numbers of each column of x [outer, extent, inner], in their order, and their places: a thread for each number counts
/// those that come before it. Of equal numbers the first comes first, and NaN counts as smaller than any number.
/// </summary>
internal readonly struct RankWork<T>(ArrayView<T> x, ArrayView<T> values, ArrayView<long> places, int extent, int k, int inner, int wantsLargest) : IElementWork
    where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var (rest, column) = (index / inner, index % inner);
        var (outer, place) = (rest / extent, rest % extent);
        var start = (outer * extent * inner) + column;
        var value = x[index];
        var rank = 0;
        for (var i = 0; i < extent && rank < k; i++)
        {
            var other = x[start + (i * inner)];
            if (i < place ? !IsBefore(value, other) : IsBefore(other, value))
                rank++;
        }
        if (rank >= k)
            return;
        var to = (((outer * k) + rank) * inner) + column;
        values[to] = value;
        places[to] = place;
    }

    private bool IsBefore(T a, T b) => wantsLargest != 0 ? IsSmaller(b, a) : IsSmaller(a, b);

    private static bool IsSmaller(T a, T b) => a < b || (T.IsNaN(a) && !T.IsNaN(b));
}
