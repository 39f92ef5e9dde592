using System.Numerics;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>
/// A factor of a product of matrices, which need not lie in memory as one. Where an element lies is worked out in two halves: for its row or
/// column, which a thread keeps, and for its depth, which all its elements of a tile share.
/// </summary>
internal interface IFactor<T> where T : unmanaged
{
    /// <summary>Whether neighbours in memory are neighbours in depth, so that neighbouring threads should take those.</summary>
    static abstract bool RunsAlongDepth { get; }

    /// <summary>The half that belongs to a row of the left factor or a column of the right one.</summary>
    Place Outer(int batch, int index);

    /// <summary>The half that belongs to a depth.</summary>
    Place Depth(int batch, int index);

    T Load(Place outer, Place depth);
}

/// <summary>Where the elements of a product go.</summary>
internal interface IProduct<T> where T : unmanaged
{
    void Store(int batch, int row, int column, T value);
}

/// <summary>Half of a place: three coordinates and an offset.</summary>
internal readonly struct Place(int a, int b, int c, int offset)
{
    public readonly int A = a;
    public readonly int B = b;
    public readonly int C = c;
    public readonly int Offset = offset;
}

/// <summary>The extents of a product, and how it is cut: each group of threads makes a tile, of a stretch of the depth when that is split.</summary>
internal readonly struct ProductShape
{
    public const int Tile = 64;

    // So many groups keep a large GPU busy; a product of fewer tiles is split along its depth, and the parts are summed afterwards.
    private const int GroupsWanted = 256;
    private const int LeastDepth = 512;

    public readonly int M;
    public readonly int N;
    public readonly int K;
    public readonly int TilesM;
    public readonly int TilesN;
    public readonly int Splits;
    public readonly int DepthOfSplit;
    public readonly int Batches;

    public ProductShape(int batches, int m, int n, int k, bool maySplit)
    {
        (Batches, M, N, K) = (batches, m, n, k);
        (TilesM, TilesN) = ((m + Tile - 1) / Tile, (n + Tile - 1) / Tile);
        var groups = batches * TilesM * TilesN;
        Splits = maySplit && groups > 0 ? Math.Max(1, Math.Min((GroupsWanted + groups - 1) / groups, k / LeastDepth)) : 1;
        DepthOfSplit = (k + Splits - 1) / Splits;
    }

    public int Groups => Batches * Splits * TilesM * TilesN;
}

/// <summary>
/// Products of matrices [M,K] · [K,N] in tiles of 64 × 64: 256 threads bring a stretch of both factors into shared memory, and each sums up 16
/// elements of the result in registers, in order of depth.
/// </summary>
internal readonly struct TiledProduct<T, TLeft, TRight, TResult>(ProductShape shape, TLeft left, TRight right, TResult result) : IGpuWork
    where T : unmanaged, INumber<T>
    where TLeft : struct, IFactor<T>
    where TRight : struct, IFactor<T>
    where TResult : struct, IProduct<T>
{
    private const int Threads = 256;
    private const int Depth = 16;

    // One more than a tile: stores of neighbouring threads fall into different banks.
    private const int Stride = ProductShape.Tile + 1;

    public static KernelConfig Grid(ProductShape shape) => new(shape.Groups, Threads);

    public void Run()
    {
        var leftTile = SharedMemory.Allocate<T>(Depth * Stride);
        var rightTile = SharedMemory.Allocate<T>(Depth * Stride);
        var thread = Group.IdxX;
        var rest = ILGPU.Grid.IdxX;
        var column0 = rest % shape.TilesN * ProductShape.Tile;
        rest /= shape.TilesN;
        var row0 = rest % shape.TilesM * ProductShape.Tile;
        rest /= shape.TilesM;
        var first = rest % shape.Splits * shape.DepthOfSplit;
        var batch = rest / shape.Splits;
        var end = first + shape.DepthOfSplit < shape.K ? first + shape.DepthOfSplit : shape.K;
        var (x, y) = (thread & 15, thread >> 4);

        var (l0, l1, l2, l3) = (Index<TLeft>(row0, 0), Index<TLeft>(row0, 1), Index<TLeft>(row0, 2), Index<TLeft>(row0, 3));
        var (r0, r1, r2, r3) = (Index<TRight>(column0, 0), Index<TRight>(column0, 1), Index<TRight>(column0, 2), Index<TRight>(column0, 3));
        Place left0 = left.Outer(batch, l0), left1 = left.Outer(batch, l1), left2 = left.Outer(batch, l2), left3 = left.Outer(batch, l3);
        Place right0 = right.Outer(batch, r0), right1 = right.Outer(batch, r1), right2 = right.Outer(batch, r2), right3 = right.Outer(batch, r3);

        T c00 = T.Zero, c01 = T.Zero, c02 = T.Zero, c03 = T.Zero, c10 = T.Zero, c11 = T.Zero, c12 = T.Zero, c13 = T.Zero;
        T c20 = T.Zero, c21 = T.Zero, c22 = T.Zero, c23 = T.Zero, c30 = T.Zero, c31 = T.Zero, c32 = T.Zero, c33 = T.Zero;
        for (var depth = first; depth < end; depth += Depth)
        {
            Bring(left, leftTile, batch, depth, end, 0, left0, l0 < shape.M);
            Bring(left, leftTile, batch, depth, end, 1, left1, l1 < shape.M);
            Bring(left, leftTile, batch, depth, end, 2, left2, l2 < shape.M);
            Bring(left, leftTile, batch, depth, end, 3, left3, l3 < shape.M);
            Bring(right, rightTile, batch, depth, end, 0, right0, r0 < shape.N);
            Bring(right, rightTile, batch, depth, end, 1, right1, r1 < shape.N);
            Bring(right, rightTile, batch, depth, end, 2, right2, r2 < shape.N);
            Bring(right, rightTile, batch, depth, end, 3, right3, r3 < shape.N);
            Group.Barrier();
            for (int i = 0, a = y, b = x; i < Depth; i++, a += Stride, b += Stride)
            {
                T a0 = leftTile[a], a1 = leftTile[a + 16], a2 = leftTile[a + 32], a3 = leftTile[a + 48];
                T b0 = rightTile[b], b1 = rightTile[b + 16], b2 = rightTile[b + 32], b3 = rightTile[b + 48];
                c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
                c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
                c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
                c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
            }
            Group.Barrier();
        }
        var (row, column) = (row0 + y, column0 + x);
        StoreRow(rest, row, column, c00, c01, c02, c03);
        StoreRow(rest, row + 16, column, c10, c11, c12, c13);
        StoreRow(rest, row + 32, column, c20, c21, c22, c23);
        StoreRow(rest, row + 48, column, c30, c31, c32, c33);
    }

    /// <summary>The row or column of the thread's part of a tile.</summary>
    private static int Index<TFactor>(int start, int part) where TFactor : struct, IFactor<T> =>
        start + (TFactor.RunsAlongDepth ? (Group.IdxX >> 4) + (16 * part) : Group.IdxX & 63);

    /// <summary>Brings one element of a factor into shared memory; what lies outside is 0.</summary>
    private static void Bring<TFactor>(TFactor factor, ArrayView<T> tile, int batch, int depth, int end, int part, Place outer, bool isInside)
        where TFactor : struct, IFactor<T>
    {
        var (index, at) = TFactor.RunsAlongDepth ? ((Group.IdxX >> 4) + (16 * part), Group.IdxX & 15) : (Group.IdxX & 63, (Group.IdxX >> 6) + (4 * part));
        var value = T.Zero;
        if (isInside && depth + at < end)
            value = factor.Load(outer, factor.Depth(batch, depth + at));
        tile[(at * Stride) + index] = value;
    }

    private void StoreRow(int batch, int row, int column, T c0, T c1, T c2, T c3)
    {
        if (row >= shape.M)
            return;
        if (column < shape.N)
            result.Store(batch, row, column, c0);
        if (column + 16 < shape.N)
            result.Store(batch, row, column + 16, c1);
        if (column + 32 < shape.N)
            result.Store(batch, row, column + 32, c2);
        if (column + 48 < shape.N)
            result.Store(batch, row, column + 48, c3);
    }
}
