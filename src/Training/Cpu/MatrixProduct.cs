using System.Numerics;

namespace Anneal.Training.Cpu;

/// <summary>Products of matrices that lie in memory by steps: [M,K] · [K,N], either turned or not.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>y = a · b for so many products; y is row-major, its matrices one after another.</summary>
    public static void Run<T>(Matrix<T> a, Matrix<T> b, T* y, int products, int m, int k, int n) where T : unmanaged, INumber<T>
    {
        if (m == 0 || n == 0)
            return;
        BlockedProduct.Run<T, RowPanels<T>, ColumnPanels<T>, MatrixTarget<T>>(new(a), new(b), new(y, m, n), new(products, m, n, k));
    }

    /// <summary>The left side.</summary>
    private readonly struct RowPanels<T>(Matrix<T> a) : IOperand<T> where T : unmanaged, INumber<T>
    {
        public T* Panels(T* room, int batch, int first, int lines, int depth, int length)
        {
            a.Pack(batch, first, lines, depth, length, a.RowStep, a.ColumnStep, room, MicroKernel<T>.Rows);
            return room;
        }
    }

    /// <summary>The right side.</summary>
    private readonly struct ColumnPanels<T>(Matrix<T> b) : IOperand<T> where T : unmanaged, INumber<T>
    {
        public T* Panels(T* room, int batch, int first, int lines, int depth, int length)
        {
            b.Pack(batch, first, lines, depth, length, b.ColumnStep, b.RowStep, room, MicroKernel<T>.Columns);
            return room;
        }
    }

    private readonly struct MatrixTarget<T>(T* y, int m, int n) : ITarget<T> where T : unmanaged, INumber<T>
    {
        public T* Whole(int batch, int row, int column, out long step)
        {
            step = n;
            return At(batch, row, column);
        }

        public void Put(int batch, int row, int rows, int column, int columns, T* tile, bool add)
        {
            var to = At(batch, row, column);
            for (var i = 0; i < rows; i++, to += n, tile += MicroKernel<T>.Columns)
                for (var j = 0; j < columns; j++)
                    to[j] = add ? to[j] + tile[j] : tile[j];
        }

        private T* At(int batch, int row, int column) => y + ((((long)batch * m) + row) * n) + column;
    }
}

/// <summary>Where a matrix lies: its first element, the steps to the next row, to the next column and to the next matrix of a batch.</summary>
internal readonly unsafe struct Matrix<T>(T* first, long rowStep, long columnStep, long batchStep) where T : unmanaged
{
    public long RowStep => rowStep;

    public long ColumnStep => columnStep;

    /// <summary>A row-major matrix [rows, columns], or one that is to be read turned.</summary>
    public static Matrix<T> Of(T* first, int columns, bool turned, long batchStep = 0) =>
        turned ? new(first, 1, columns, batchStep) : new(first, columns, 1, batchStep);

    /// <summary>Packs lines as panels, in whichever way they lie.</summary>
    public void Pack(int batch, int line, int lines, int depth, int length, long lineStep, long depthStep, T* room, int width)
    {
        var from = first + (batch * batchStep) + (line * lineStep) + (depth * depthStep);
        if (lineStep == 1)
            Panels.Beside(from, depthStep, room, width, lines, length);
        else if (depthStep == 1)
            Panels.Along(from, lineStep, room, (long)length * width, width, lines, length);
        else
            Panels.Any(from, lineStep, depthStep, room, width, lines, length);
    }
}
