using System.Numerics;
using Anneal.Training.Devices;

namespace Anneal.Training.Cpu;

/// <summary>The extents of several matrix products of one shape, and the grain of depth: blocks of depth are multiples of it.</summary>
internal readonly record struct ProductExtents(int Batches, int Rows, int Columns, int Depth, int Grain = 1)
{
    // 256 steps of a panel of rows and one of columns fill two thirds of a first-level cache of 32 KiB.
    private const int MostDepth = 320;

    /// <summary>The length of every block of depth but the last: it depends on the depth alone, and with it the order of every sum.</summary>
    public int DepthBlock
    {
        get
        {
            var grains = Math.Max(1, Depth / Grain);
            var blocks = Math.Max(1, (Depth + MostDepth - 1) / MostDepth);
            return Math.Max(1, (grains + blocks - 1) / blocks) * Grain;
        }
    }
}

/// <summary>
/// Matrix products in blocks: each part of the work owns a block of the result and packs what it needs into its thread's own memory, so that parts
/// meet nowhere. A left side that several parts need is packed for all of them first. Blocks follow from the shape alone; each element is summed
/// over depth in one fixed order.
/// </summary>
internal static unsafe class BlockedProduct
{
    // Rows of a block times a block of depth: three quarters of a second-level cache of 512 KiB.
    private const int MostRows = 384;
    private const int MostColumns = 1024;

    // Columns are packed so many panels at a time: long enough pieces of memory, few enough to stay near.
    private const int PanelsAtOnce = 4;

    // Enough parts that no thread waits long for the last one, and few enough that packing is not repeated too often.
    private const int EnoughParts = 16;

    // Below so many multiplications the work is done before another thread has woken up.
    private const long SmallWork = 1 << 15;

    /// <summary>c = a · b for each product of the batch.</summary>
    public static void Run<T, TA, TB, TC>(TA a, TB b, TC c, ProductExtents extents)
        where T : unmanaged, INumber<T>
        where TA : struct, IOperand<T>
        where TB : struct, IOperand<T>
        where TC : struct, ITarget<T>
    {
        var blocks = Blocks.Of<T>(extents);
        if (extents.Columns <= blocks.Columns || extents.Depth == 0)
        {
            Multiply<T, TA, TB, TC>(a, b, c, extents, blocks);
            return;
        }
        var memory = (CpuMemory)ComputeDevice.Cpu.Pool.Rent(PackedSide<T>.ByteLength(extents));
        Multiply<T, PackedSide<T>, TB, TC>(PackedSide<T>.Pack(a, (T*)memory.Address, extents), b, c, extents, blocks);
        memory.Release();
    }

    private static void Multiply<T, TA, TB, TC>(TA a, TB b, TC c, ProductExtents extents, Blocks blocks)
        where T : unmanaged, INumber<T>
        where TA : struct, IOperand<T>
        where TB : struct, IOperand<T>
        where TC : struct, ITarget<T>
    {
        var work = new Work<T, TA, TB, TC>(a, b, c, extents, blocks);
        Workers.Run(work.Parts, ref work);
    }

    /// <summary>How a result is cut into blocks.</summary>
    private readonly record struct Blocks(int Rows, int Columns)
    {
        public static Blocks Of<T>(ProductExtents extents) where T : unmanaged, INumber<T>
        {
            var (height, width) = (MicroKernel<T>.Rows, MicroKernel<T>.Columns);
            var (rows, columns) = (Even(extents.Rows, MostRows, height), Even(extents.Columns, MostColumns, width));
            if ((long)extents.Rows * extents.Columns * extents.Depth <= SmallWork)
                return new(rows, columns);
            while (Count(extents, rows, columns) < EnoughParts)
                if (columns > PanelsAtOnce * width)
                    columns = Even(columns, (columns + 1) / 2, width);
                else if (rows > 8 * height)
                    rows = Even(rows, (rows + 1) / 2, height);
                else if (columns > width)
                    columns = Even(columns, (columns + 1) / 2, width);
                else
                    break;
            return new(rows, columns);
        }

        public static long Count(ProductExtents extents, int rows, int columns) =>
            (long)extents.Batches * Ceiling(extents.Rows, rows) * Ceiling(extents.Columns, columns);

        /// <summary>The extent of equal blocks of at most so many lines, in whole tiles.</summary>
        private static int Even(int extent, int most, int tile)
        {
            var blocks = Math.Max(1, Ceiling(extent, most));
            return Math.Max(1, Ceiling(Ceiling(extent, blocks), tile)) * tile;
        }
    }

    private static int Ceiling(int a, int b) => (a + b - 1) / b;

    private readonly struct Work<T, TA, TB, TC>(TA a, TB b, TC c, ProductExtents extents, Blocks blocks) : IWork
        where T : unmanaged, INumber<T>
        where TA : struct, IOperand<T>
        where TB : struct, IOperand<T>
        where TC : struct, ITarget<T>
    {
        private readonly TA _a = a;
        private readonly TB _b = b;
        private readonly TC _c = c;

        public int Parts => (int)Blocks.Count(extents, blocks.Rows, blocks.Columns);

        public void Run(int part)
        {
            var (rowBlocks, columnBlocks) = (Ceiling(extents.Rows, blocks.Rows), Ceiling(extents.Columns, blocks.Columns));
            var (rest, rowBlock) = Math.DivRem(part, rowBlocks);
            var (batch, columnBlock) = Math.DivRem(rest, columnBlocks);
            var (row, column) = (rowBlock * blocks.Rows, columnBlock * blocks.Columns);
            var (rows, columns) = (Math.Min(blocks.Rows, extents.Rows - row), Math.Min(blocks.Columns, extents.Columns - column));
            for (var (depth, block) = (0, extents.DepthBlock); depth == 0 || depth < extents.Depth; depth += block)
                Block(batch, row, rows, column, columns, depth, Math.Min(block, extents.Depth - depth));
        }

        private void Block(int batch, int row, int rows, int column, int columns, int depth, int length)
        {
            var (height, width) = (MicroKernel<T>.Rows, MicroKernel<T>.Columns);
            var left = _a.Panels(Scratch.Rent<T>(0, (long)Ceiling(rows, height) * height * length), batch, row, rows, depth, length);
            var room = Scratch.Rent<T>(1, (long)PanelsAtOnce * width * length);
            for (var at = 0; at < columns; at += PanelsAtOnce * width)
            {
                var some = Math.Min(PanelsAtOnce * width, columns - at);
                var right = _b.Panels(room, batch, column + at, some, depth, length);
                for (var panel = 0; panel < some; panel += width)
                    for (var tile = 0; tile < rows; tile += height)
                        Tile(batch, row + tile, Math.Min(height, rows - tile), column + at + panel, Math.Min(width, some - panel),
                            left + ((long)tile * length), right + ((long)panel * length), length, depth > 0);
            }
        }

        private void Tile(int batch, int row, int rows, int column, int columns, T* left, T* right, int length, bool add)
        {
            var (height, width) = (MicroKernel<T>.Rows, MicroKernel<T>.Columns);
            if (rows == height && columns == width && _c.Whole(batch, row, column, out var step) is var to && to != null)
            {
                MicroKernel<T>.Run(length, left, right, to, step, add);
                return;
            }
            var tile = Scratch.Rent<T>(2, height * width);
            MicroKernel<T>.Run(length, left, right, tile, width, add: false);
            _c.Put(batch, row, rows, column, columns, tile, add);
        }
    }
}
