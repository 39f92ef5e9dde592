using System.Numerics;
using Anneal.Training.Ops;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>
/// Joins the numbers of rows: x [rows, extent] to y [rows, parts]. A group of threads takes a part of a row; each thread joins every 256th number,
/// and the threads' results are joined in a tree. The order depends on the shape alone.
/// </summary>
internal readonly struct RowsWork<T, TJoin>(T start, ArrayView<T> x, ArrayView<T> y, int extent, int parts) : IGpuWork
    where T : unmanaged, INumber<T>
    where TJoin : struct, IJoin
{
    public const int Threads = 256;

    public void Run()
    {
        var shared = SharedMemory.Allocate<T>(Threads);
        var (row, part, thread) = (Grid.IdxX / parts, Grid.IdxX % parts, Group.IdxX);
        var length = (extent + parts - 1) / parts;
        var first = part * length;
        var end = first + length < extent ? first + length : extent;
        var result = start;
        for (var i = first + thread; i < end; i += Threads)
            result = TJoin.Join(result, x[(row * extent) + i]);
        shared[thread] = result;
        Group.Barrier();
        for (var step = Threads / 2; step > 0; step /= 2)
        {
            if (thread < step)
                shared[thread] = TJoin.Join(shared[thread], shared[thread + step]);
            Group.Barrier();
        }
        if (thread == 0)
            y[Grid.IdxX] = shared[0];
    }
}

/// <summary>Joins the numbers of columns: x [outer, extent, inner] to y [outer, parts, inner], a thread for each result, in order.</summary>
internal readonly struct ColumnsWork<T, TJoin>(T start, ArrayView<T> x, ArrayView<T> y, int extent, int parts, int inner) : IElementWork
    where T : unmanaged, INumber<T>
    where TJoin : struct, IJoin
{
    public void Run(int index)
    {
        var (rest, column) = (index / inner, index % inner);
        var (outer, part) = (rest / parts, rest % parts);
        var length = (extent + parts - 1) / parts;
        var first = part * length;
        var end = first + length < extent ? first + length : extent;
        var result = start;
        for (var i = first; i < end; i++)
            result = TJoin.Join(result, x[(((outer * extent) + i) * inner) + column]);
        y[index] = result;
    }
}
