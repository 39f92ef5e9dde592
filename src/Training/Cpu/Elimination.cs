using System.Numerics;

namespace Anneal.Training.Cpu;

/// <summary>Gaussian elimination.</summary>
internal static class Elimination
{
    /// <summary>The determinant of a matrix [m,m], which is overwritten: each column is cleared by the row with its greatest element.</summary>
    public static T Determinant<T>(Span<T> matrix, int m) where T : IFloatingPoint<T>
    {
        var determinant = T.One;
        for (var column = 0; column < m; column++)
        {
            var pivot = PivotRow(matrix, m, column);
            var greatest = matrix[(pivot * m) + column];
            if (greatest == T.Zero)
                return T.Zero;
            if (pivot != column)
            {
                Exchange(matrix.Slice(pivot * m, m), matrix.Slice(column * m, m));
                determinant = -determinant;
            }
            determinant *= greatest;
            for (var row = column + 1; row < m; row++)
                Subtract(matrix.Slice(row * m, m), matrix.Slice(column * m, m), matrix[(row * m) + column] / greatest, column);
        }
        return determinant;
    }

    private static int PivotRow<T>(Span<T> matrix, int m, int column) where T : IFloatingPoint<T>
    {
        var best = column;
        for (var row = column + 1; row < m; row++)
            if (T.Abs(matrix[(row * m) + column]) > T.Abs(matrix[(best * m) + column]))
                best = row;
        return best;
    }

    private static void Exchange<T>(Span<T> a, Span<T> b)
    {
        for (var i = 0; i < a.Length; i++)
            (a[i], b[i]) = (b[i], a[i]);
    }

    private static void Subtract<T>(Span<T> row, Span<T> pivot, T times, int first) where T : IFloatingPoint<T>
    {
        for (var i = first; i < row.Length; i++)
            row[i] -= times * pivot[i];
    }
}
