using System.Numerics;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>y [outer, rows, inner]: weighted sums of x [outer, columns, inner]. The taps of row r stand from <c>starts[r]</c> to before <c>starts[r + 1]</c>.</summary>
internal readonly struct TapProductWork<T>(ArrayView<int> starts, ArrayView<int> taps, ArrayView<T> weights, ArrayView<T> x, ArrayView<T> y, int rows, int columns, int inner) : IElementWork
    where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var (rest, at) = (index / inner, index % inner);
        var (outer, row) = (rest / rows, rest % rows);
        var sum = T.Zero;
        for (var i = starts[row]; i < starts[row + 1]; i++)
            sum += weights[i] * x[(((outer * columns) + taps[i]) * inner) + at];
        y[index] = sum;
    }
}
