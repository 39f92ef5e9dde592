using Anneal.Training.Cpu;

namespace Anneal.Training;

/// <summary>How many threads compute on the processor. The number changes how long a result takes and never a bit of it.</summary>
public static class Threads
{
    private const int Most = 1024;

    /// <summary>The threads that take part in an operator, the caller included, from 1 to 1024. Default: the number of cores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside its range.</exception>
    public static int Count
    {
        get => Workers.ThreadCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Most);
            Workers.ThreadCount = value;
        }
    }
}
