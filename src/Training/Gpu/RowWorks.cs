using System.Numerics;
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
/// x [outer, extent, inner] sums the rows of y [outer, n, inner] that were taken from each of its rows: a thread for each element, which adds in
/// their order. The rows taken from row r stand in a list from <c>starts[r]</c> to before <c>starts[r + 1]</c>.
/// </summary>
internal readonly struct ScatterAddWork<T>(ArrayView<T> y, ArrayView<int> starts, ArrayView<int> list, ArrayView<T> x, int extent, int count, int inner) : IElementWork
    where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var (rest, at) = (index / inner, index % inner);
        var (outer, row) = (rest / extent, rest % extent);
        var sum = T.Zero;
        for (var i = starts[row]; i < starts[row + 1]; i++)
            sum += y[(((outer * count) + list[i]) * inner) + at];
        x[index] = sum;
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
