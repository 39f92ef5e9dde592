using System.Numerics;
using System.Numerics.Tensors;

namespace Anneal.Training.Cpu;

/// <summary>Weight gradients as they are summed: the matrices of all groups for the first share of the images, then for the next.</summary>
internal readonly unsafe struct WeightMatrices<T>(T* first, int rows, int columns) : ITarget<T> where T : unmanaged, INumber<T>
{
    public T* Whole(int batch, int row, int column, out long step)
    {
        step = columns;
        return first + ((((long)batch * rows) + row) * columns) + column;
    }

    public void Put(int batch, int row, int height, int column, int width, T* tile, bool add)
    {
        var to = Whole(batch, row, column, out var step);
        for (var i = 0; i < height; i++, to += step, tile += MicroKernel<T>.Columns)
            for (var j = 0; j < width; j++)
                to[j] = add ? to[j] + tile[j] : tile[j];
    }

    /// <summary>y = the sum of all shares, in their order.</summary>
    public static void Join(T* shares, int count, T* y, int length)
    {
        var work = new JoinWork(shares, count, y, length);
        Workers.Run(ElementLoops.Chunks(length), ref work);
    }

    private readonly struct JoinWork(T* shares, int count, T* y, int length) : IWork
    {
        public void Run(int part)
        {
            var (at, here) = (part * ElementLoops.Chunk, Math.Min(ElementLoops.Chunk, length - (part * ElementLoops.Chunk)));
            var sum = new Span<T>(y + at, here);
            new ReadOnlySpan<T>(shares + at, here).CopyTo(sum);
            for (var share = 1; share < count; share++)
                TensorPrimitives.Add(sum, new ReadOnlySpan<T>(shares + ((long)share * length) + at, here), sum);
        }
    }
}
