namespace Anneal.Training.Tests;

/// <summary>What tensors hold. The figures are the process's, so that nothing else may run meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class TensorMemoryTests
{
    [Fact]
    public void A_piece_that_is_computed_again_holds_less_memory()
    {
        long Held(Func<Tensor, Tensor> piece)
        {
            using var scope = TensorScope.Begin();
            var x = Tensor.Ones([1 << 16]);
            x.RequiresGrad = true;
            Alone.Settle();
            var before = TensorMemory.Of().BytesInUse;
            var y = piece(x);
            var held = TensorMemory.Of().BytesInUse - before;
            GC.KeepAlive(y);
            return held;
        }
        Tensor Deep(Tensor x) => x.Tanh().Exp().Sigmoid().Tanh().Exp().Sigmoid();
        Assert.Equal((6L << 18, 1L << 18), (Held(Deep), Held(x => Grad.Recompute(Deep, x))));
    }

    [Fact]
    public void The_peak_is_measured_anew_when_asked_and_the_pool_gives_back_what_lies_in_it()
    {
        Alone.Settle();
        using (TensorScope.Begin())
            _ = Tensor.Zeros([1 << 20]);
        Assert.InRange(TensorMemory.Of().PeakBytes, 4L << 20, long.MaxValue);
        TensorMemory.ResetPeak();
        Assert.InRange(TensorMemory.Of().PeakBytes, 0, TensorMemory.Of().BytesInUse + (1 << 20));
        Assert.InRange(TensorMemory.Of().BytesFree, 4L << 20, long.MaxValue);
        TensorMemory.Trim();
        Assert.Equal(0, TensorMemory.Of().BytesFree);
    }

    [Fact]
    public void A_budget_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => TensorMemory.SetBudget(0));
}
