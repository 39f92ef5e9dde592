using Anneal.Training.Ops;

namespace Anneal.Training;

public partial class Tensor
{
    /// <summary>
    /// This with elements set to 0 at random and the others divided by 1 - <paramref name="p"/>, so that the expectation stays: inverted dropout
    /// (Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, 2014, section 10). Which elements go
    /// depends on <paramref name="draws"/> and on each one's place alone: the same draws give the same again, with any number of threads.
    /// </summary>
    /// <param name="p">The share that goes, from 0 (then the tensor itself comes back) to 1 (then zeros).</param>
    /// <param name="draws">Which random numbers decide; take new ones for each step, as <see cref="Generator.Next"/> gives them.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is outside 0 to 1.</exception>
    /// <exception cref="Onnx.ShapeMismatchException">The elements are neither float32 nor double.</exception>
    public Tensor Dropout(double p, Draws draws)
    {
        if (!(p >= 0 && p <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "The share of elements that go should be from 0 to 1.");
        return p == 0 ? this : Apply(new KeyedDropout(p, draws.Key), this);
    }
}
