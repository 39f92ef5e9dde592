using System.Numerics;

namespace Anneal.Training.Cpu;

/// <summary>Poolings over planes, a plane being one channel of one picture: x [N·C, cells], y [N·C, positions].</summary>
internal static unsafe class PoolLoops
{
    /// <summary>The greatest cell of each window, the first of equals, and its place in the plane; a window of pads alone gives the least number.</summary>
    public static void Max<T>(WindowGeometry window, Tensor x, Tensor y, Tensor places) where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        var work = new MaxWork<T>(window, (T*)x.Address, (T*)y.Address, (long*)places.Address);
        Workers.Run(Planes(window, x), ref work);
        GC.KeepAlive((x, y, places));
    }

    /// <summary>dx: each dy goes to the place that won.</summary>
    public static void MaxGradient<T>(WindowGeometry window, Tensor dy, Tensor places, Tensor dx) where T : unmanaged, INumber<T>
    {
        dx.Clear();
        var work = new ToPlaces<T>((T*)dy.Address, (long*)places.Address, (T*)dx.Address, window.Positions);
        Workers.Run(Planes(window, dx), ref work);
        GC.KeepAlive((dy, places, dx));
    }

    /// <summary>The sum of each window, divided by the number of cells when a mean is wanted.</summary>
    public static void Sum<T>(WindowGeometry window, Tensor x, Tensor y, Divisor divisor) where T : unmanaged, INumber<T>
    {
        var work = new SumWork<T>(window, (T*)x.Address, (T*)y.Address, divisor);
        Workers.Run(Planes(window, x), ref work);
        GC.KeepAlive((x, y));
    }

    /// <summary>dx: each dy goes to all cells of its window, in the shares that they had.</summary>
    public static void SumGradient<T>(WindowGeometry window, Tensor dy, Tensor dx, Divisor divisor) where T : unmanaged, INumber<T>
    {
        dx.Clear();
        var work = new Spread<T>(window, (T*)dy.Address, (T*)dx.Address, divisor);
        Workers.Run(Planes(window, dx), ref work);
        GC.KeepAlive((dy, dx));
    }

    private static int Planes(WindowGeometry window, Tensor x) => window.Cells == 0 ? 0 : x.Count / window.Cells;

    private readonly struct MaxWork<T>(WindowGeometry window, T* x, T* y, long* places) : IWork where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public void Run(int plane)
        {
            var cells = x + ((long)plane * window.Cells);
            var at = (long)plane * window.Positions;
            foreach (var position in new Positions(window))
            {
                var (best, place) = (Ops.Extremes.Least<T>(), -1);
                foreach (var cell in new Taps(window, position))
                    if (place < 0 || cells[cell] > best || (T.IsNaN(cells[cell]) && !T.IsNaN(best)))
                        (best, place) = (cells[cell], cell);
                (y[at], places[at]) = (best, place < 0 ? 0 : ((long)plane * window.Cells) + place);
                at++;
            }
        }
    }

    private readonly struct ToPlaces<T>(T* dy, long* places, T* dx, int positions) : IWork where T : unmanaged, INumber<T>
    {
        public void Run(int plane)
        {
            for (var at = (long)plane * positions; at < (plane + 1L) * positions; at++)
                dx[places[at]] += dy[at];
        }
    }

    private readonly struct SumWork<T>(WindowGeometry window, T* x, T* y, Divisor divisor) : IWork where T : unmanaged, INumber<T>
    {
        public void Run(int plane)
        {
            var cells = x + ((long)plane * window.Cells);
            var to = y + ((long)plane * window.Positions);
            foreach (var position in new Positions(window))
            {
                var sum = T.Zero;
                foreach (var cell in new Taps(window, position))
                    sum += cells[cell];
                *to++ = divisor == Divisor.None ? sum : sum / T.CreateTruncating(position.Count(window, divisor));
            }
        }
    }

    private readonly struct Spread<T>(WindowGeometry window, T* dy, T* dx, Divisor divisor) : IWork where T : unmanaged, INumber<T>
    {
        public void Run(int plane)
        {
            var cells = dx + ((long)plane * window.Cells);
            var from = dy + ((long)plane * window.Positions);
            foreach (var position in new Positions(window))
            {
                var share = divisor == Divisor.None ? *from : *from / T.CreateTruncating(position.Count(window, divisor));
                from++;
                foreach (var cell in new Taps(window, position))
                    cells[cell] += share;
            }
        }
    }
}

/// <summary>What the sum of a window is divided by.</summary>
internal enum Divisor
{
    /// <summary>Nothing: it stays a sum.</summary>
    None,

    /// <summary>The number of its cells inside the input.</summary>
    Cells,

    /// <summary>The number of its cells inside the input and its pads.</summary>
    CellsAndPads,
}

/// <summary>A place of the window on the three axes.</summary>
internal readonly record struct Position(int A, int B, int C)
{
    public int Count(WindowGeometry window, Divisor divisor)
    {
        var withPads = divisor == Divisor.CellsAndPads;
        return window.Covered(0, A, withPads) * window.Covered(1, B, withPads) * window.Covered(2, C, withPads);
    }
}

/// <summary>All positions of a window in row-major order.</summary>
internal struct Positions(WindowGeometry window)
{
    private int _at = -1;

    public readonly Positions GetEnumerator() => this;

    public readonly Position Current
    {
        get
        {
            var (rest, c) = Math.DivRem(_at, window.Output[2]);
            var (a, b) = Math.DivRem(rest, window.Output[1]);
            return new(a, b, c);
        }
    }

    public bool MoveNext() => ++_at < window.Positions;
}

/// <summary>The cells of the input under a window, in row-major order of its taps.</summary>
internal struct Taps(WindowGeometry window, Position position)
{
    private int _at = -1;

    public int Current { get; private set; }

    public readonly Taps GetEnumerator() => this;

    public bool MoveNext()
    {
        while (++_at < window.Taps)
        {
            var (rest, tap2) = Math.DivRem(_at, window.Kernel[2]);
            var (tap0, tap1) = Math.DivRem(rest, window.Kernel[1]);
            var (a, b, c) = (window.Cell(0, position.A, tap0), window.Cell(1, position.B, tap1), window.Cell(2, position.C, tap2));
            if ((uint)a >= (uint)window.Input[0] || (uint)b >= (uint)window.Input[1] || (uint)c >= (uint)window.Input[2])
                continue;
            Current = (((a * window.Input[1]) + b) * window.Input[2]) + c;
            return true;
        }
        return false;
    }
}
