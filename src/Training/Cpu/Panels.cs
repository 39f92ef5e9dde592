using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anneal.Training.Cpu;

/// <summary>
/// Packs numbers for <see cref="MicroKernel{T}"/>: a panel holds <c>width</c> lines of a matrix side by side, all of one step of depth together.
/// Lines that are missing at the end are zeros.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>Panels of lines that lie side by side: the elements of one step of depth follow one another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Beside<T>(T* from, long step, T* panels, int width, int lines, int depth) where T : unmanaged
    {
        var whole = lines / width;
        for (var at = 0; at < depth; at++, from += step)
        {
            var to = panels + ((long)at * width);
            for (var panel = 0; panel < whole; panel++, to += (long)depth * width)
                Copy(from + (panel * width), to, width);
            if (whole * width < lines)
                Partly(from + (whole * width), to, lines - (whole * width), width);
        }
    }

    /// <summary>
    /// Panels of lines that each lie in one piece, <paramref name="step"/> elements apart; the panels are <paramref name="panelStep"/> elements apart.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Along<T>(T* from, long step, T* panels, long panelStep, int width, int lines, int depth) where T : unmanaged
    {
        for (var line = 0; line < lines; line += width, panels += panelStep)
        {
            var (here, at) = (Math.Min(width, lines - line), 0);
            if (typeof(T) == typeof(float) && Avx.IsSupported && here == width)
                at = Turned((float*)from + (line * step), step, (float*)panels, width, depth);
            for (var i = 0; i < here; i++)
                Line(from + ((line + i) * step), panels + i, width, at, depth);
            for (var i = here; i < width; i++)
                Zero(panels + i, width, depth);
        }
    }

    /// <summary>Panels of lines that lie anyhow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Any<T>(T* from, long lineStep, long depthStep, T* panels, int width, int lines, int depth) where T : unmanaged
    {
        for (var line = 0; line < lines; line += width, panels += (long)depth * width)
            for (var i = 0; i < width; i++)
                if (line + i >= lines)
                    Zero(panels + i, width, depth);
                else
                    for (var at = 0; at < depth; at++)
                        panels[((long)at * width) + i] = from[((line + i) * lineStep) + (at * depthStep)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<T>(T* from, T* to, int width) where T : unmanaged
    {
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(from + i), to + i);
        for (; i < width; i++)
            to[i] = from[i];
    }

    private static void Partly<T>(T* from, T* to, int count, int width) where T : unmanaged
    {
        for (var i = 0; i < width; i++)
            to[i] = i < count ? from[i] : default;
    }

    private static void Line<T>(T* from, T* to, int width, int at, int depth) where T : unmanaged
    {
        for (; at < depth; at++)
            to[at * width] = from[at];
    }

    private static void Zero<T>(T* to, int width, int depth) where T : unmanaged
    {
        for (var at = 0; at < depth; at++)
            to[at * width] = default;
    }

    /// <summary>
    /// Blocks of eight lines by eight steps, turned in registers. A panel of 6 lines takes two lines more than it has: each step's last two numbers
    /// are written over by the next step. Returns how many steps were packed; the last ones are left, so that nothing spills.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Turned(float* from, long step, float* panel, int width, int depth)
    {
        var at = 0;
        var end = width % 8 == 0 ? depth - 7 : depth - 8;
        for (; at < end; at += 8)
            for (var line = 0; line < width; line += 8)
                Turn(from + (line * step) + at, step, Math.Min(8, width - line), panel + ((long)at * width) + line, width);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(float* from, long step, int lines, float* to, int width)
    {
        var (r0, r1, r2) = (Vector256.Load(from), Vector256.Load(from + step), Vector256.Load(from + (2 * step)));
        var (r3, r4, r5) = (Vector256.Load(from + (3 * step)), Vector256.Load(from + (4 * step)), Vector256.Load(from + (5 * step)));
        var (r6, r7) = lines > 6 ? (Vector256.Load(from + (6 * step)), Vector256.Load(from + (7 * step))) : (r5, r5);
        // Pairs, then fours, then halves of a register.
        var (a0, a1, a2, a3) = (Low(r0, r1), High(r0, r1), Low(r2, r3), High(r2, r3));
        var (a4, a5, a6, a7) = (Low(r4, r5), High(r4, r5), Low(r6, r7), High(r6, r7));
        var (b0, b1, b2, b3) = (LowPairs(a0, a2), HighPairs(a0, a2), LowPairs(a1, a3), HighPairs(a1, a3));
        var (b4, b5, b6, b7) = (LowPairs(a4, a6), HighPairs(a4, a6), LowPairs(a5, a7), HighPairs(a5, a7));
        Vector256.Create(b0.GetLower(), b4.GetLower()).Store(to);
        Vector256.Create(b1.GetLower(), b5.GetLower()).Store(to + width);
        Vector256.Create(b2.GetLower(), b6.GetLower()).Store(to + (2 * width));
        Vector256.Create(b3.GetLower(), b7.GetLower()).Store(to + (3 * width));
        Vector256.Create(b0.GetUpper(), b4.GetUpper()).Store(to + (4 * width));
        Vector256.Create(b1.GetUpper(), b5.GetUpper()).Store(to + (5 * width));
        Vector256.Create(b2.GetUpper(), b6.GetUpper()).Store(to + (6 * width));
        Vector256.Create(b3.GetUpper(), b7.GetUpper()).Store(to + (7 * width));
    }

    private static Vector256<float> Low(Vector256<float> a, Vector256<float> b) => Avx.UnpackLow(a, b);

    private static Vector256<float> High(Vector256<float> a, Vector256<float> b) => Avx.UnpackHigh(a, b);

    private static Vector256<float> LowPairs(Vector256<float> a, Vector256<float> b) => Avx.Shuffle(a, b, 0x44);

    private static Vector256<float> HighPairs(Vector256<float> a, Vector256<float> b) => Avx.Shuffle(a, b, 0xEE);
}
