namespace Anneal.Training.Tests;

/// <summary>Methods of a tensor that stand for an operator: what they give, and that gradients go through.</summary>
public sealed class TensorMethodTests
{
    private static readonly double[] Numbers = [-2, -0.5, 0, 0.5, 1, 3];

    public static TheoryData<string, Func<Tensor, Tensor>, Func<double, double>> ElementByElement => new()
    {
        { "clip", x => x.Clip(-1, 1), x => Math.Clamp(x, -1, 1) },
        { "clip below", x => x.Clip(min: 0), x => Math.Max(x, 0) },
        { "clip above", x => x.Clip(max: 0.75), x => Math.Min(x, 0.75) },
        // 0.5 x (1 + erf(x / √2)), erf by Abramowitz and Stegun 7.1.26.
        { "gelu", x => x.Gelu(), x => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))) },
    };

    [Theory, MemberData(nameof(ElementByElement))]
    public void A_method_gives_what_its_formula_says(string what, Func<Tensor, Tensor> method, Func<double, double> formula)
    {
        var found = method(Tensor.From(Numbers)).ToArray<double>();
        Assert.All(Numbers.Zip(found), pair => Assert.True(Math.Abs(formula(pair.First) - pair.Second) < 1e-6, $"{what}({pair.First}) is {pair.Second}"));
    }

    [Fact]
    public void Nothing_is_learned_where_a_bound_holds()
    {
        var x = Tensor.From(Numbers);
        x.RequiresGrad = true;
        x.Clip(-1, 1).Sum().Backward();
        Assert.Equal([0, 1, 1, 1], x.Grad!.ToArray<double>()[..4]);
        Assert.Equal(0, x.Grad!.ToArray<double>()[5]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void Softmax_gives_shares_along_its_axis_and_its_logarithm_is_theirs(int axis)
    {
        var x = Tensor.From([1.0, 2, 3, 1000, -1000, 0], [2, 3]);
        var shares = x.Softmax(axis);
        Assert.All(shares.Sum(axis).ToArray<double>(), sum => Assert.Equal(1, sum, 1e-12));
        Assert.All(x.LogSoftmax(axis).Exp().ToArray<double>().Zip(shares.ToArray<double>()), pair => Assert.Equal(pair.Second, pair.First, 1e-12));
    }

    [Fact]
    public void ArgMax_names_the_first_of_the_largest_and_drops_the_axis()
    {
        var x = Tensor.From([1f, 5, 5, 7, -1, 0], [2, 3]);
        Assert.Equal([1, 0], x.ArgMax().ToArray<long>());
        Assert.Equal([1, 0, 0], x.ArgMax(0).ToArray<long>());
    }

    private static double Erf(double x)
    {
        var t = 1 / (1 + (0.3275911 * Math.Abs(x)));
        var rest = ((((((((1.061405429 * t) - 1.453152027) * t) + 1.421413741) * t) - 0.284496736) * t) + 0.254829592) * t * Math.Exp(-x * x);
        return Math.Sign(x) * (1 - rest);
    }
}
