using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>What losses refuse, and their edges; their numbers are in <see cref="TorchLayerTests"/>.</summary>
public sealed class LossTests
{
    [Fact]
    public void A_label_that_is_no_class_is_refused()
    {
        var error = Assert.Throws<AnnealException>(() => Loss.CrossEntropy(Tensor.Ones([2, 3]), Tensor.From(0L, 3)));
        Assert.Equal("CrossEntropy: the label 3 is none of the 3 classes, 0 to 2.", error.Message);
        Assert.Contains("Float32 [3]; Float32 [2] was given", Assert.Throws<ShapeMismatchException>(
            () => Loss.CrossEntropy(Tensor.Ones([2, 3]), Tensor.From(0L, 1), weights: Tensor.Ones([2]))).Message, StringComparison.Ordinal);
        Assert.Contains("integer labels [N,d…]", Assert.Throws<ShapeMismatchException>(
            () => Loss.CrossEntropy(Tensor.Ones([2, 3]), Tensor.From(0L, 1, 2))).Message, StringComparison.Ordinal);
        Assert.Contains("one type and shape", Assert.Throws<ShapeMismatchException>(() => Loss.Mse(Tensor.Ones([2, 1]), Tensor.Ones([2]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_cross_entropy_stays_finite_and_has_a_slope_at_0()
    {
        var x = Tensor.From(-1000f, 0, 1000);
        x.RequiresGrad = true;
        var loss = Loss.BinaryCrossEntropyWithLogits(x, Tensor.From(1f, 1, 0), reduction: Reduction.None);
        Assert.Equal([1000f, MathF.Log(2), 1000f], loss.ToArray<float>());
        loss.Sum().Backward();
        Assert.Equal([-1f, -0.5f, 1f], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void A_target_of_0_adds_nothing_to_the_divergence()
    {
        var loss = Loss.KlDivergence(Tensor.From([MathF.Log(0.5f), MathF.Log(0.5f)], [1, 2]), Tensor.From([0f, 1], [1, 2]), reduction: Reduction.BatchMean);
        Assert.Equal(Math.Log(2), loss.Item(), 1e-6);
    }

    [Fact]
    public void Class_numbers_and_shares_of_one_class_give_one_loss()
    {
        var logits = new Generator(3).Normal([4, 5]);
        var shares = Tensor.Apply(new Anneal.Onnx.Ops.OneHot { Axis = -1 }, Tensor.From(4L, 0, 2, 2), Tensor.From(5L), Tensor.From(0f, 1));
        Assert.Equal(Loss.CrossEntropy(logits, Tensor.From(4L, 0, 2, 2), 0.1).Item(), Loss.CrossEntropy(logits, shares, 0.1).Item(), 1e-6);
    }

    [Fact]
    public void Reductions_agree_with_one_another()
    {
        var (logits, labels) = (new Generator(3).Normal([4, 5]), Tensor.From(4L, 0, 2, 2));
        var each = Loss.CrossEntropy(logits, labels, 0.1, reduction: Reduction.None).ToArray<float>();
        Assert.Equal(each.Sum(), Loss.CrossEntropy(logits, labels, 0.1, reduction: Reduction.Sum).Item(), 1e-5);
        Assert.Equal(each.Average(), Loss.CrossEntropy(logits, labels, 0.1).Item(), 1e-6);
        Assert.Equal(each.Average(), Loss.CrossEntropy(logits, labels, 0.1, reduction: Reduction.BatchMean).Item(), 1e-6);
    }

    [Fact]
    public void Smooth_L1_without_a_square_is_L1() =>
        Assert.Equal(2.5, Loss.SmoothL1(Tensor.From(1f, -2), Tensor.From(3f, 1), beta: 0).Item());
}
