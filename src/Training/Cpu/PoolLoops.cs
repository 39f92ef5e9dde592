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
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(places);
    }

    /// <summary>dx: each dy goes to the place that won.</summary>
    public static void MaxGradient<T>(WindowGeometry window, Tensor dy, Tensor places, Tensor dx) where T : unmanaged, INumber<T>
    {
        dx.Clear();
        var work = new ToPlaces<T>((T*)dy.Address, (long*)places.Address, (T*)dx.Address, window.Positions);
        Workers.Run(Planes(window, dx), ref work);
        GC.KeepAlive(dy);
        GC.KeepAlive(places);
        GC.KeepAlive(dx);
    }

    /// <summary>The sum of each window, divided by the number of cells when a mean is wanted.</summary>
    public static void Sum<T>(WindowGeometry window, Tensor x, Tensor y, Divisor divisor) where T : unmanaged, INumber<T>
    {
        var work = new SumWork<T>(window, (T*)x.Address, (T*)y.Address, divisor);
        Workers.Run(Planes(window, x), ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>dx: each dy goes to all cells of its window, in the shares that they had.</summary>
    public static void SumGradient<T>(WindowGeometry window, Tensor dy, Tensor dx, Divisor divisor) where T : unmanaged, INumber<T>
    {
        dx.Clear();
        var work = new Spread<T>(window, (T*)dy.Address, (T*)dx.Address, divisor);
        Workers.Run(Planes(window, dx), ref work);
        GC.KeepAlive(dy);
        GC.KeepAlive(dx);
    }

    private static int Planes(WindowGeometry window, Tensor x) => window.Cells == 0 ? 0 : x.Count / window.Cells;

    private readonly struct MaxWork<T>(WindowGeometry window, T* x, T* y, long* places) : IWork where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public void Run(int plane)
        {
            var cells = x + ((long)plane * window.Cells);
            var at = (long)plane * window.Positions;
            foreach (var under in new Positions(window))
            {
                var (best, place) = (Ops.Extremes.Least<T>(), -1);
                for (var tapA = under.A.First; tapA < under.A.End; tapA++)
                    for (var tapB = under.B.First; tapB < under.B.End; tapB++)
                    {
                        var cell = under.Cell(tapA, tapB);
                        for (var tapC = under.C.First; tapC < under.C.End; tapC++, cell += under.C.Step)
                            if (place < 0 || cells[cell] > best || (T.IsNaN(cells[cell]) && !T.IsNaN(best)))
                                (best, place) = (cells[cell], cell);
                    }
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
            foreach (var under in new Positions(window))
            {
                var sum = T.Zero;
                for (var tapA = under.A.First; tapA < under.A.End; tapA++)
                    for (var tapB = under.B.First; tapB < under.B.End; tapB++)
                    {
                        var cell = under.Cell(tapA, tapB);
                        for (var tapC = under.C.First; tapC < under.C.End; tapC++, cell += under.C.Step)
                            sum += cells[cell];
                    }
                *to++ = divisor == Divisor.None ? sum : sum / T.CreateTruncating(under.Count(divisor));
            }
        }
    }

    private readonly struct Spread<T>(WindowGeometry window, T* dy, T* dx, Divisor divisor) : IWork where T : unmanaged, INumber<T>
    {
        public void Run(int plane)
        {
            var cells = dx + ((long)plane * window.Cells);
            var from = dy + ((long)plane * window.Positions);
            foreach (var under in new Positions(window))
            {
                var share = divisor == Divisor.None ? *from : *from / T.CreateTruncating(under.Count(divisor));
                from++;
                for (var tapA = under.A.First; tapA < under.A.End; tapA++)
                    for (var tapB = under.B.First; tapB < under.B.End; tapB++)
                    {
                        var cell = under.Cell(tapA, tapB);
                        for (var tapC = under.C.First; tapC < under.C.End; tapC++, cell += under.C.Step)
                            cells[cell] += share;
                    }
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

/// <summary>What lies under a window at one position: the taps of each axis that fall inside the input.</summary>
internal readonly record struct UnderWindow(WindowGeometry Window, WindowGeometry.Reach A, WindowGeometry.Reach B, WindowGeometry.Reach C)
{
    /// <summary>The number of the cell under the first tap of the last axis that is inside.</summary>
    public int Cell(int tapA, int tapB) =>
        ((((A.Start + (tapA * A.Step)) * Window.Input[1]) + B.Start + (tapB * B.Step)) * Window.Input[2]) + C.Start + (C.First * C.Step);

    /// <summary>What a mean divides by.</summary>
    public int Count(Divisor divisor) => divisor == Divisor.CellsAndPads
        ? A.CoveredWithPads * B.CoveredWithPads * C.CoveredWithPads
        : (A.End - A.First) * (B.End - B.First) * (C.End - C.First);
}

/// <summary>All positions of a window in row-major order.</summary>
internal struct Positions(WindowGeometry window)
{
    private (int A, int B, int C) _at = (0, 0, -1);
    private WindowGeometry.Reach _reachA = window.At(0, 0);
    private WindowGeometry.Reach _reachB = window.At(1, 0);

    public readonly Positions GetEnumerator() => this;

    public readonly UnderWindow Current => new(window, _reachA, _reachB, window.At(2, _at.C));

    public bool MoveNext()
    {
        if (++_at.C < window.Output[2])
            return window.Positions > 0;
        _at.C = 0;
        if (++_at.B == window.Output[1])
        {
            _at.B = 0;
            if (++_at.A >= window.Output[0])
                return false;
            _reachA = window.At(0, _at.A);
        }
        _reachB = window.At(1, _at.B);
        return true;
    }
}
