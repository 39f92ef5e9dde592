using System.Numerics;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>What is left of matrices [count, m, m] without a row and a column: minors [count, m, m, m - 1, m - 1].</summary>
internal readonly struct MinorsWork<T>(ArrayView<T> x, ArrayView<T> minors, int m) : IElementWork where T : unmanaged
{
    public void Run(int index)
    {
        var side = m - 1;
        var (rest, column) = (index / side, index % side);
        var (minor, row) = (rest / side, rest % side);
        var (pair, withoutColumn) = (minor / m, minor % m);
        var (matrix, withoutRow) = (pair / m, pair % m);
        var (fromRow, fromColumn) = (row < withoutRow ? row : row + 1, column < withoutColumn ? column : column + 1);
        minors[index] = x[(((matrix * m) + fromRow) * m) + fromColumn];
    }
}

/// <summary>
/// Determinants of matrices [count, m, m], which are overwritten, by elimination as on the processor (<see cref="Cpu.Elimination"/>): a thread for
/// each. Those of the minors of matrices with so many columns get the signs of cofactors; 0 columns: they are no minors.
/// </summary>
internal readonly struct DeterminantWork<T>(ArrayView<T> matrices, ArrayView<T> y, int m, int columns) : IElementWork where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var first = index * m * m;
        var determinant = columns > 0 && ((index / columns % columns) + (index % columns)) % 2 != 0 ? -T.One : T.One;
        for (var column = 0; column < m; column++)
        {
            var pivot = PivotRow(first, column);
            var greatest = matrices[first + (pivot * m) + column];
            if (greatest == T.Zero)
            {
                determinant = T.Zero;
                break;
            }
            if (pivot != column)
            {
                Exchange(first + (pivot * m), first + (column * m), column);
                determinant = -determinant;
            }
            determinant *= greatest;
            Clear(first, column, greatest);
        }
        y[index] = determinant;
    }

    private int PivotRow(int first, int column)
    {
        var best = column;
        for (var row = column + 1; row < m; row++)
            if (Size(matrices[first + (row * m) + column]) > Size(matrices[first + (best * m) + column]))
                best = row;
        return best;
    }

    private void Exchange(int a, int b, int from)
    {
        for (var i = from; i < m; i++)
        {
            var element = matrices[a + i];
            matrices[a + i] = matrices[b + i];
            matrices[b + i] = element;
        }
    }

    private void Clear(int first, int column, T greatest)
    {
        for (var row = column + 1; row < m; row++)
        {
            var times = matrices[first + (row * m) + column] / greatest;
            for (var i = column; i < m; i++)
                matrices[first + (row * m) + i] -= times * matrices[first + (column * m) + i];
        }
    }

    private static T Size(T x) => x < T.Zero ? -x : x;
}
