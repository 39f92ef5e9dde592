using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Ops;

namespace Anneal.Training.Tests;

/// <summary>What random operators draw: shares, means and deviations within five standard errors, and the same again from the same seed.</summary>
public sealed class RandomOpTests
{
    private const int Count = 40_000;

    [Theory, InlineData(0.1), InlineData(0.5), InlineData(0.83)]
    public void Dropout_takes_its_share_and_scales_what_stays(double p)
    {
        var y = Tensor.Full([Count], 3).Dropout(p, new Draws(4)).ToArray<float>();
        var gone = y.Count(element => element == 0);
        AssertNear(p * Count, Math.Sqrt(Count * p * (1 - p)), gone);
        Assert.All(y, element => Assert.True(element == 0 || Math.Abs(element - (3 / (1 - p))) < 1e-5));
    }

    [Fact]
    public void Dropout_takes_nothing_at_0_and_everything_at_1()
    {
        var x = Tensor.Full([50], double.PositiveInfinity);
        Assert.Same(x, x.Dropout(0, new Draws(4)));
        Assert.All(x.Dropout(1, new Draws(4)).ToArray<float>(), element => Assert.Equal(0, element));
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void Dropout_refuses_a_share_outside_0_to_1(double p) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Ones([3]).Dropout(p, new Draws(4)));

    [Fact]
    public void Dropout_depends_on_key_and_place_alone()
    {
        var before = Workers.ThreadCount;
        try
        {
            Workers.ThreadCount = 1;
            var alone = Tensor.Ones([70_001]).Dropout(0.4, new Draws(9)).ToArray<float>();
            Workers.ThreadCount = 4;
            Assert.Equal(alone, Tensor.Ones([70_001]).Dropout(0.4, new Draws(9)).ToArray<float>());
            Assert.Equal(alone[..33], Tensor.Ones([33]).Dropout(0.4, new Draws(9)).ToArray<float>());
            Assert.NotEqual(alone[..33], Tensor.Ones([33]).Dropout(0.4, new Draws(10)).ToArray<float>());
        }
        finally
        {
            Workers.ThreadCount = before;
        }
    }

    [Fact]
    public void Dropout_passes_gradients_where_it_passed_elements()
    {
        var x = Tensor.Full([7, 9], 2, DType.Double);
        x.RequiresGrad = true;
        var y = x.Dropout(0.3, new Draws(1)).Keep();
        y.Sum().Backward();
        Assert.Equal(y.ToArray<double>().Select(element => element / 2), x.Grad!.ToArray<double>());
        Assert.InRange(GradientCheck.Error(new("Dropout", new KeyedDropout(0.3, 1), Input.Real([7, 9]))), 0, 1e-9);
    }

    [Fact]
    public void The_operator_Dropout_says_which_elements_stayed_and_repeats_itself_by_its_seed()
    {
        var (x, ratio, training) = (Tensor.Full([400], 2), Tensor.Scalar(0.75f), Tensor.Scalar(true));
        var found = Tensor.ApplyAll(new Dropout { Seed = 3 }, 2, x, ratio, training);
        Assert.Equal(found[1].ToArray<bool>().Select(stays => stays ? 8f : 0), found[0].ToArray<float>());
        Assert.Equal(found[0].ToArray<float>(), Tensor.Apply(new Dropout { Seed = 3 }, x, ratio, training).ToArray<float>());
        Assert.NotEqual(found[0].ToArray<float>(), Tensor.Apply(new Dropout { Seed = 4 }, x, ratio, training).ToArray<float>());
        Assert.NotEqual(Tensor.Apply(new Dropout(), x, ratio, training).ToArray<float>(), Tensor.Apply(new Dropout(), x, ratio, training).ToArray<float>());
        Assert.Contains("below 1", Assert.Throws<AnnealException>(() => Tensor.Apply(new Dropout(), x, Tensor.Scalar(1f), training)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Uniform_numbers_fill_their_range_evenly()
    {
        foreach (var y in new[]
        {
            Tensor.Apply(new RandomUniform { Low = -1, High = 3, Seed = 2, Extents = [Count] }),
            Tensor.Apply(new RandomUniformLike { Low = -1, High = 3, Seed = 5 }, Tensor.Zeros([Count / 100, 100])).Reshape(-1),
        })
        {
            var numbers = y.ToArray<float>();
            Assert.All(numbers, number => Assert.InRange(number, -1, 3));
            AssertNear(1, 4 / Math.Sqrt(12 * Count), numbers.Average());
            AssertNear(Count * 0.25, Math.Sqrt(Count * 0.25 * 0.75), numbers.Count(number => number < 0));
        }
    }

    [Fact]
    public void Normal_numbers_have_their_mean_and_deviation()
    {
        foreach (var y in new[]
        {
            Tensor.Apply(new RandomNormal { Mean = 2, Scale = 3, Seed = 2, Extents = [Count], ElementType = DType.Double }),
            Tensor.Apply(new RandomNormalLike { Mean = 2, Scale = 3, Seed = 5, ElementType = DType.Double }, Tensor.Zeros([Count])),
        })
        {
            var numbers = y.ToArray<double>();
            AssertNear(2, 3 / Math.Sqrt(Count), numbers.Average());
            AssertNear(9, 9 * Math.Sqrt(2.0 / Count), numbers.Average(number => (number - 2) * (number - 2)));
            AssertNear(Count * 0.15866, Math.Sqrt(Count * 0.15866 * 0.84134), numbers.Count(number => number > 5));
        }
    }

    [Fact]
    public void Bernoulli_says_yes_with_each_elements_own_probability()
    {
        var p = Tensor.From(0.1f, 0.7f).Reshape(1, 2).BroadcastTo([Count, 2]);
        var yes = Tensor.Apply(new Bernoulli { Seed = 8, ElementType = DType.Double }, p).Sum(0).ToArray<double>();
        AssertNear(0.1 * Count, Math.Sqrt(Count * 0.1 * 0.9), yes[0]);
        AssertNear(0.7 * Count, Math.Sqrt(Count * 0.7 * 0.3), yes[1]);
        Assert.Contains("no probability", Assert.Throws<AnnealException>(() => Tensor.Apply(new Bernoulli(), Tensor.From(1.5f))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Multinomial_draws_classes_by_their_shares()
    {
        double[] shares = [0.1, 0.2, 0, 0.7];
        var x = Tensor.From(Array.ConvertAll(shares, share => Math.Log(share) + 12)).Reshape(1, 4);
        var drawn = Tensor.Apply(new Multinomial { Seed = 8, SampleSize = Count }, x);
        Assert.Equal((DType.Int32, TensorShape.Of([1, Count])), (drawn.DType, drawn.Shape));
        for (var k = 0; k < shares.Length; k++)
            AssertNear(shares[k] * Count, Math.Sqrt(Count * shares[k] * (1 - shares[k])), drawn.ToArray<int>().Count(n => n == k));
    }

    [Fact]
    public void A_seed_draws_the_same_again_and_no_seed_goes_on_with_the_default_generator()
    {
        Op[] seeded = [new RandomUniform { Seed = 1.5f, Extents = [20] }, new RandomNormal { Seed = 1.5f, Extents = [20] }];
        Op[] free = [new RandomUniform { Extents = [20] }, new RandomNormal { Extents = [20] }];
        Assert.All(seeded, op => Assert.Equal(Tensor.Apply(op).ToArray<float>(), Tensor.Apply(op).ToArray<float>()));
        Assert.All(free, op => Assert.NotEqual(Tensor.Apply(op).ToArray<float>(), Tensor.Apply(op).ToArray<float>()));
        Assert.NotEqual(Tensor.Apply(seeded[0]).ToArray<float>(), Tensor.Apply(new RandomUniform { Seed = 2.5f, Extents = [20] }).ToArray<float>());
    }

    private static void AssertNear(double expected, double error, double found) => Assert.InRange(found, expected - (5 * error), expected + (5 * error));
}
