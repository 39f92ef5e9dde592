using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Training.Cpu;

/// <summary>
/// Products of matrices [M,K] · [K,N]. The result is made in blocks of rows that do not depend on one another, each element summed over K in
/// order, so that its bits do not depend on the number of threads.
/// </summary>
internal static unsafe class MatrixProduct
{
    // Four rows and two vectors are eight sums in registers, which leaves room for the operands on every machine with sixteen.
    private const int Rows = 4;
    private const int RowsPerPart = 32;

    /// <summary>Row-major matrices, one after another.</summary>
    public static void Run<T>(Tensor a, Tensor b, Tensor y) where T : unmanaged, INumber<T>
    {
        var (m, k, n) = (a.Shape[^2], a.Shape[^1], b.Shape[^1]);
        if (y.Count == 0)
            return;
        Run(new Matrix<T>((T*)a.Address, k, 1), (T*)b.Address, (T*)y.Address, m, k, n, y.Count / (m * n), add: false);
        GC.KeepAlive((a, b, y));
    }

    /// <summary>y = a · b, or y += a · b, where b and y are row-major and a may be turned; so many products, their matrices one after another.</summary>
    public static void Run<T>(Matrix<T> a, T* b, T* y, int m, int k, int n, int matrices, bool add) where T : unmanaged, INumber<T>
    {
        var work = new Work<T>(a, b, y, m, k, n, add);
        Workers.Run(matrices * work.Parts, ref work);
    }

    /// <summary>y += a · bᵀ for row-major a [M,K], b [N,K] and y [M,N]: every element is the product of two rows.</summary>
    public static void AddRowProducts<T>(T* a, T* b, T* y, int m, int k, int n) where T : unmanaged, INumber<T>
    {
        var work = new RowProducts<T>(a, b, y, k, n);
        Workers.Run(m, ref work);
    }

    private readonly struct Work<T>(Matrix<T> a, T* b, T* y, int m, int k, int n, bool add) : IWork where T : unmanaged, INumber<T>
    {
        public int Parts => (m + RowsPerPart - 1) / RowsPerPart;

        public void Run(int part)
        {
            var (matrix, block) = (part / Parts, part % Parts);
            var (first, end) = (block * RowsPerPart, Math.Min((block + 1) * RowsPerPart, m));
            var left = a.Next(matrix, m, k);
            var right = b + ((long)matrix * k * n);
            var to = y + ((long)matrix * m * n);
            var width = Vector<T>.IsSupported ? 2 * Vector<T>.Count : n + 1;
            var column = 0;
            for (; column <= n - width; column += width)
                for (var row = first; row < end; row += Rows)
                    if (row + Rows <= end)
                        Tile(left, right + column, to + ((long)row * n) + column, row);
                    else
                        for (var single = row; single < end; single++)
                            Strip(left, right + column, to + ((long)single * n) + column, single);
            for (var row = first; row < end; row++)
                for (var rest = column; rest < n; rest++)
                    Single(left, right + rest, to + ((long)row * n) + rest, row);
        }

        /// <summary>Four rows of a against two vectors of columns: eight running sums.</summary>
        private void Tile(Matrix<T> left, T* right, T* to, int row)
        {
            var (v, step) = (Vector<T>.Count, left.ColumnStep);
            var (a0, a1, a2, a3) = (left.Row(row), left.Row(row + 1), left.Row(row + 2), left.Row(row + 3));
            Vector<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
            for (var i = 0; i < k; i++, right += n)
            {
                var (b0, b1, at) = (Vector.Load(right), Vector.Load(right + v), (long)i * step);
                var (x0, x1, x2, x3) = (new Vector<T>(left[a0 + at]), new Vector<T>(left[a1 + at]), new Vector<T>(left[a2 + at]), new Vector<T>(left[a3 + at]));
                (c00, c01) = (MultiplyAdd(x0, b0, c00), MultiplyAdd(x0, b1, c01));
                (c10, c11) = (MultiplyAdd(x1, b0, c10), MultiplyAdd(x1, b1, c11));
                (c20, c21) = (MultiplyAdd(x2, b0, c20), MultiplyAdd(x2, b1, c21));
                (c30, c31) = (MultiplyAdd(x3, b0, c30), MultiplyAdd(x3, b1, c31));
            }
            Store(to, c00, c01);
            Store(to + n, c10, c11);
            Store(to + (2L * n), c20, c21);
            Store(to + (3L * n), c30, c31);
        }

        private void Strip(Matrix<T> left, T* right, T* to, int row)
        {
            var (v, at) = (Vector<T>.Count, left.Row(row));
            Vector<T> c0 = default, c1 = default;
            for (var i = 0; i < k; i++, right += n, at += left.ColumnStep)
            {
                var x = new Vector<T>(left[at]);
                (c0, c1) = (MultiplyAdd(x, Vector.Load(right), c0), MultiplyAdd(x, Vector.Load(right + v), c1));
            }
            Store(to, c0, c1);
        }

        private void Single(Matrix<T> left, T* right, T* to, int row)
        {
            var (sum, at) = (T.Zero, left.Row(row));
            for (var i = 0; i < k; i++, right += n, at += left.ColumnStep)
                sum = T.MultiplyAddEstimate(left[at], *right, sum);
            *to = add ? *to + sum : sum;
        }

        private void Store(T* to, Vector<T> c0, Vector<T> c1)
        {
            if (add)
                (c0, c1) = (c0 + Vector.Load(to), c1 + Vector.Load(to + Vector<T>.Count));
            Vector.Store(c0, to);
            Vector.Store(c1, to + Vector<T>.Count);
        }

        /// <summary>One rounding where the type has such an instruction.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<T> MultiplyAdd(Vector<T> a, Vector<T> b, Vector<T> c)
        {
            if (typeof(T) == typeof(float))
                return Vector.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>();
            if (typeof(T) == typeof(double))
                return Vector.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();
            return (a * b) + c;
        }
    }

    private readonly struct RowProducts<T>(T* a, T* b, T* y, int k, int n) : IWork where T : unmanaged, INumber<T>
    {
        public void Run(int row)
        {
            var left = new ReadOnlySpan<T>(a + ((long)row * k), k);
            for (var column = 0; column < n; column++)
                y[((long)row * n) + column] += System.Numerics.Tensors.TensorPrimitives.Dot(left, new(b + ((long)column * k), k));
        }
    }
}

/// <summary>Where a matrix lies: the first element, and the steps to the next row and to the next column.</summary>
internal readonly unsafe struct Matrix<T>(T* first, int rowStep, int columnStep) where T : unmanaged
{
    public int ColumnStep => columnStep;

    /// <summary>An element by its distance from the first.</summary>
    public T this[long at] => first[at];

    /// <summary>The distance of a row.</summary>
    public long Row(int row) => (long)row * rowStep;

    /// <summary>The matrix so many further on, when matrices of [M,K] stand one after another.</summary>
    public Matrix<T> Next(int count, int m, int k) => new(first + ((long)count * m * k), rowStep, columnStep);
}
