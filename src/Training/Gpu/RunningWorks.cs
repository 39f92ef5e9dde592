using System.Numerics;
using Anneal.Training.Ops;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>Where a lane of a tensor [outer, extent, inner] begins, and the step along it; a lane that is reversed begins at its end.</summary>
internal readonly struct Lane(int number, int extent, int inner, int reverse)
{
    public readonly int First = (number / inner * extent * inner) + (number % inner) + (reverse != 0 ? (extent - 1) * inner : 0);
    public readonly int Step = reverse != 0 ? -inner : inner;
}

/// <summary>Each element joined with those before it in its lane; exclusive: those before it alone. A thread for each lane.</summary>
internal readonly struct RunningWork<T, TJoin>(T start, ArrayView<T> x, ArrayView<T> y, int extent, int inner, int exclusive, int reverse) : IElementWork
    where T : unmanaged, INumber<T>
    where TJoin : struct, IJoin
{
    public void Run(int index)
    {
        var lane = new Lane(index, extent, inner, reverse);
        var (joined, at) = (start, lane.First);
        for (var i = 0; i < extent; i++)
        {
            var next = TJoin.Join(joined, x[at]);
            y[at] = exclusive != 0 ? joined : next;
            joined = next;
            at += lane.Step;
        }
    }
}

/// <summary>
/// dx of running products: the product of those before an element, times what it is a factor of afterwards, which is summed up from the lane's end
/// (<see cref="Cpu.RunningLoops.ProductGradient{T}"/>).
/// </summary>
internal readonly struct RunningProductGradientWork<T>(ArrayView<T> x, ArrayView<T> dy, ArrayView<T> dx, int extent, int inner, int exclusive, int reverse) : IElementWork
    where T : unmanaged, INumber<T>
{
    public void Run(int index)
    {
        var lane = new Lane(index, extent, inner, reverse);
        var (before, at) = (T.One, lane.First);
        for (var i = 0; i < extent; i++)
        {
            dx[at] = before;
            before *= x[at];
            at += lane.Step;
        }
        var sum = T.Zero;
        for (var i = 0; i < extent; i++)
        {
            at -= lane.Step;
            // Of the last element an exclusive product knows nothing.
            if (exclusive == 0)
                sum += dy[at];
            dx[at] *= sum;
            sum = exclusive != 0 ? dy[at] + (x[at] * sum) : x[at] * sum;
        }
    }
}
