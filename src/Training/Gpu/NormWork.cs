using Anneal.Training.Cpu;
using Anneal.Training.Optim;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>
/// What the elements of a gradient add to a norm, chunk by chunk. A group of threads takes a chunk: each thread every 256th element, and the threads'
/// results are joined in a tree.
/// </summary>
internal readonly struct NormWork(NormTerm<float> term, ArrayView<float> dw, ArrayView<float> partial, int first, int count) : IGpuWork
{
    public const int Threads = 256;

    public void Run()
    {
        var shared = SharedMemory.Allocate<float>(Threads);
        var thread = Group.IdxX;
        var start = Grid.IdxX * ElementLoops.Chunk;
        var end = start + ElementLoops.Chunk < count ? start + ElementLoops.Chunk : count;
        var total = 0f;
        for (var i = start + thread; i < end; i += Threads)
            total = term.Join(total, term.Of(dw[i]));
        shared[thread] = total;
        Group.Barrier();
        for (var step = Threads / 2; step > 0; step /= 2)
        {
            if (thread < step)
                shared[thread] = term.Join(shared[thread], shared[thread + step]);
            Group.Barrier();
        }
        if (thread == 0)
            partial[first + Grid.IdxX] = shared[0];
    }
}
