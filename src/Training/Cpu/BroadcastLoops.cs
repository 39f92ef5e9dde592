using System.Numerics;
using Anneal.Training.Ops;

namespace Anneal.Training.Cpu;

/// <summary>The loops that run a formula over two tensors of shapes that broadcast (ONNX, "Broadcasting in ONNX").</summary>
internal static unsafe class BroadcastLoops
{
    /// <summary>y = F(a, b).</summary>
    public static void Zip<T, TFormula>(Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumber<T>
        where TFormula : struct, IBinary
    {
        var plan = BroadcastPlan.Of(y.Shape, a.Shape, b.Shape);
        var work = new ZipWork<T, TFormula>((T*)a.Address, (T*)b.Address, (T*)y.Address, plan);
        Workers.Run(plan.Parts, ref work);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(y);
    }

    /// <summary>y = F(a, b), where the answer is yes or no.</summary>
    public static void Compare<T, TFormula>(Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumber<T>
        where TFormula : struct, IComparison
    {
        var plan = BroadcastPlan.Of(y.Shape, a.Shape, b.Shape);
        var work = new CompareWork<T, TFormula>((T*)a.Address, (T*)b.Address, (bool*)y.Address, plan);
        Workers.Run(plan.Parts, ref work);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(y);
    }

    private readonly struct ZipWork<T, TFormula>(T* a, T* b, T* y, BroadcastPlan plan) : IWork
        where T : unmanaged, INumber<T>
        where TFormula : struct, IBinary
    {
        public void Run(int part)
        {
            var rows = plan.RowsOf(part);
            foreach (var (to, from, other) in rows)
                if (!TryVectors(new(y + to, rows.Length), a + from, b + other))
                    for (var i = 0; i < rows.Length; i++)
                        y[to + i] = TFormula.F(a[from + (i * plan.InnerA)], b[other + (i * plan.InnerB)]);
        }

        private bool TryVectors(Span<T> to, T* from, T* other) => (plan.InnerA, plan.InnerB) switch
        {
            (1, 1) => TFormula.TryF(new ReadOnlySpan<T>(from, to.Length), new ReadOnlySpan<T>(other, to.Length), to),
            (1, 0) => TFormula.TryF(new ReadOnlySpan<T>(from, to.Length), *other, to),
            _ => false,
        };
    }

    private readonly struct CompareWork<T, TFormula>(T* a, T* b, bool* y, BroadcastPlan plan) : IWork
        where T : unmanaged, INumber<T>
        where TFormula : struct, IComparison
    {
        public void Run(int part)
        {
            var rows = plan.RowsOf(part);
            foreach (var (to, from, other) in rows)
                for (var i = 0; i < rows.Length; i++)
                    y[to + i] = TFormula.F(a[from + (i * plan.InnerA)], b[other + (i * plan.InnerB)]);
        }
    }
}
