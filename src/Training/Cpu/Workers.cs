using System.Runtime.CompilerServices;

namespace Anneal.Training.Cpu;

/// <summary>
/// The threads that kernels run on: one for each core, the caller included. They spin for a moment after work, because kernels follow one
/// another closely, and then sleep, so that they take nothing from other programs. A second caller at the same time does its parts alone, and so
/// does work inside work.
/// </summary>
internal static unsafe class Workers
{
    /// <summary>The most parts that work can have; more only cost.</summary>
    public const int MostParts = (1 << 20) - 1;

    // As the convolution study found: long enough to bridge the gap between two kernels, short enough to leave cores to others.
    private const int SpinsBeforeSleep = 3000;

    private const int PartBits = 20;

    private static readonly Lock Caller = new();
    private static readonly object Sleepers = new();
    private static int Sleeping;
    private static int Started;

    // The work at hand. A thread reads these only after it has drawn a part, and the caller waits for every part that was drawn.
    private static delegate*<void*, int, void> Kernel;
    private static void* Work;
    private static int Pending;
    private static int Taking;

    [ThreadStatic]
    private static int Limit;

    // Epoch, number of parts, next part: in one word, so that a part is drawn of the work that was seen, or not at all.
    private static long Ticket;

    /// <summary>How many threads take part, the caller included. Default: the number of cores.</summary>
    public static int ThreadCount { get; set; } = Environment.ProcessorCount;

    /// <summary>Does all parts of a work and returns when the last is done.</summary>
    public static void Run<TWork>(int parts, ref TWork work) where TWork : struct, IWork
    {
        var threads = Limit > 0 ? Math.Min(Limit, ThreadCount) : ThreadCount;
        if (parts <= 1 || parts > MostParts || threads <= 1 || Caller.IsHeldByCurrentThread || !Caller.TryEnter())
        {
            for (var part = 0; part < parts; part++)
                work.Run(part);
            return;
        }
        try
        {
            StartThreads();
            Volatile.Write(ref Taking, threads);
            fixed (byte* address = &Unsafe.As<TWork, byte>(ref work))
                Share(parts, address, &Invoke<TWork>);
        }
        finally
        {
            Caller.Exit();
        }
    }

    /// <summary>Lets at most so many threads work for this one, itself included, until the result is disposed; 0 means all.</summary>
    public static Limited LimitHere(int threads)
    {
        var before = Limit;
        Limit = threads;
        return new(before);
    }

    /// <summary>Ends <see cref="LimitHere"/>.</summary>
    public readonly struct Limited(int before) : IDisposable
    {
        public void Dispose() => Limit = before;
    }

    private static void Invoke<TWork>(void* work, int part) where TWork : struct, IWork => Unsafe.AsRef<TWork>(work).Run(part);

    private static void Share(int parts, void* work, delegate*<void*, int, void> run)
    {
        Work = work;
        Kernel = run;
        Pending = parts;
        var epoch = (Ticket >> (2 * PartBits)) + 1;
        Interlocked.Exchange(ref Ticket, (epoch << (2 * PartBits)) | ((long)parts << PartBits));
        if (Volatile.Read(ref Sleeping) > 0)
            lock (Sleepers)
                Monitor.PulseAll(Sleepers);
        DrawParts();
        var spin = new SpinWait();
        while (Volatile.Read(ref Pending) > 0)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    private static void DrawParts()
    {
        while (true)
        {
            var ticket = Volatile.Read(ref Ticket);
            var (parts, next) = ((int)(ticket >> PartBits) & MostParts, (int)ticket & MostParts);
            if (next >= parts)
                return;
            if (Interlocked.CompareExchange(ref Ticket, ticket + 1, ticket) != ticket)
                continue;
            Kernel(Work, next);
            Interlocked.Decrement(ref Pending);
        }
    }

    private static void StartThreads()
    {
        for (; Started < ThreadCount - 1; Started++)
        {
            var number = Started + 1;
            new Thread(() => Live(number)) { IsBackground = true, Name = $"Anneal worker {number}" }.Start();
        }
    }

    private static void Live(int number)
    {
        while (true)
        {
            // Read before parts are drawn: work that comes while this thread is still busy with the last one is then seen to be new.
            var seen = Volatile.Read(ref Ticket);
            if (number < Volatile.Read(ref Taking))
                DrawParts();
            for (var spin = 0; spin < SpinsBeforeSleep && Volatile.Read(ref Ticket) == seen; spin++)
                Thread.SpinWait(8);
            if (Volatile.Read(ref Ticket) == seen)
                Sleep(seen);
        }
    }

    private static void Sleep(long seen)
    {
        lock (Sleepers)
        {
            // Counted before the ticket is read again: whoever changes it afterwards sees the sleeper and wakes it.
            Interlocked.Increment(ref Sleeping);
            while (Volatile.Read(ref Ticket) == seen)
                Monitor.Wait(Sleepers);
            Interlocked.Decrement(ref Sleeping);
        }
    }
}
