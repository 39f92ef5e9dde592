namespace Anneal.Training.Cpu;

/// <summary>
/// Work that falls into independent parts. How many there are depends on shapes alone, never on the number of threads, so that results are the
/// same bits on any machine.
/// </summary>
internal interface IWork
{
    /// <summary>Does one part. Parts run in any order and at the same time.</summary>
    void Run(int part);
}
