using System.Numerics;
using Anneal.Training.Optim;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>
/// A rule of an optimiser, a thread for each element. Of what is remembered only that is there whose bit is set in <c>states</c>; the views of the others are
/// never touched.
/// </summary>
internal readonly struct UpdateWork<T, TRule>(TRule rule, ArrayView<T> w, ArrayView<T> dw, ArrayView<T> a, ArrayView<T> b, ArrayView<T> c, int states) : IElementWork
    where T : unmanaged, IFloatingPointIeee754<T>
    where TRule : struct, IUpdateRule<T>
{
    public void Run(int index)
    {
        var (x, laneA, laneB, laneC) = (new OneLane<T>(w[index]), Load(a, index, 1), Load(b, index, 2), Load(c, index, 4));
        rule.Update(ref x, new(dw[index]), ref laneA, ref laneB, ref laneC);
        w[index] = x.Value;
        Store(laneA, a, index, 1);
        Store(laneB, b, index, 2);
        Store(laneC, c, index, 4);
    }

    private OneLane<T> Load(ArrayView<T> state, int index, int bit) => new((states & bit) != 0 ? state[index] : T.Zero);

    private void Store(OneLane<T> lane, ArrayView<T> state, int index, int bit)
    {
        if ((states & bit) != 0)
            state[index] = lane.Value;
    }
}
