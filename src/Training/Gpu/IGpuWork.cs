namespace Anneal.Training.Gpu;

/// <summary>
/// Work of a grid of groups of threads: a struct of views and numbers, which is what is handed to the GPU. Its method is compiled for the device
/// by ILGPU and runs once for each thread.
/// </summary>
internal interface IGpuWork
{
    void Run();
}

/// <summary>Work on elements that do not depend on one another, a thread for each.</summary>
internal interface IElementWork
{
    void Run(int index);
}

/// <summary>Elements in groups of threads; the last group has some to spare.</summary>
internal readonly struct Each<TWork>(int count, TWork work) : IGpuWork where TWork : struct, IElementWork
{
    public const int GroupSize = 256;

    public void Run()
    {
        var index = ILGPU.Grid.GlobalIndex.X;
        if (index < count)
            work.Run(index);
    }
}
