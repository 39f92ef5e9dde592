using System.Numerics;

namespace Anneal.Training.Cpu;

/// <summary>The left side of a product, packed once for all parts of the work: batch after batch, block of depth after block, panel after panel.</summary>
internal readonly unsafe struct PackedSide<T>(T* packed, ProductExtents extents) : IOperand<T> where T : unmanaged, INumber<T>
{
    // Panels of rows that a part packs.
    private const int PanelsPerPart = 16;

    /// <summary>How much memory the packed side takes.</summary>
    public static long ByteLength(ProductExtents extents) => (long)extents.Batches * Padded(extents) * extents.Depth * sizeof(T);

    /// <summary>Packs a side into memory.</summary>
    public static PackedSide<T> Pack<TSide>(TSide side, T* packed, ProductExtents extents) where TSide : struct, IOperand<T>
    {
        var (work, to) = (new Work<TSide>(side, packed, extents), new PackedSide<T>(packed, extents));
        Workers.Run(work.Parts, ref work);
        return to;
    }

    public T* Panels(T* room, int batch, int first, int lines, int depth, int length) =>
        packed + ((((long)batch * extents.Depth) + depth) * Padded(extents)) + ((long)first * length);

    private static int Padded(ProductExtents extents) => (extents.Rows + MicroKernel<T>.Rows - 1) / MicroKernel<T>.Rows * MicroKernel<T>.Rows;

    private readonly struct Work<TSide>(TSide side, T* packed, ProductExtents extents) : IWork where TSide : struct, IOperand<T>
    {
        private static int Rows => PanelsPerPart * MicroKernel<T>.Rows;

        private int DepthBlocks => (extents.Depth + extents.DepthBlock - 1) / extents.DepthBlock;

        private int RowBlocks => (extents.Rows + Rows - 1) / Rows;

        public int Parts => extents.Batches * DepthBlocks * RowBlocks;

        public void Run(int part)
        {
            var (rest, rowBlock) = Math.DivRem(part, RowBlocks);
            var (batch, depthBlock) = Math.DivRem(rest, DepthBlocks);
            var (row, depth) = (rowBlock * Rows, depthBlock * extents.DepthBlock);
            var (rows, length) = (Math.Min(Rows, extents.Rows - row), Math.Min(extents.DepthBlock, extents.Depth - depth));
            side.Panels(new PackedSide<T>(packed, extents).Panels(null, batch, row, rows, depth, length), batch, row, rows, depth, length);
        }
    }
}
