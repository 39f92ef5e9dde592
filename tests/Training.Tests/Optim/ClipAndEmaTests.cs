using Anneal.Onnx;
using Anneal.Training.Optim;

namespace Anneal.Training.Tests.Optim;

/// <summary>Bounds on gradients, and averages of parameters.</summary>
public sealed class ClipAndEmaTests
{
    [Theory, InlineData(2), InlineData(1), InlineData(3), InlineData(double.PositiveInfinity)]
    public void Gradients_are_scaled_to_the_norm(double order)
    {
        double[] numbers = [.. Enumerable.Range(0, 40_000).Select(i => ((i * 37 % 19) - 9) / 7.0)];
        var expected = double.IsInfinity(order) ? numbers.Max(Math.Abs) : Math.Pow(numbers.Sum(n => Math.Pow(Math.Abs(n), order)), 1 / order);
        Parameter[] parameters = [Graded(numbers[..30_000]), Graded(numbers[30_000..]), new(Tensor.Ones([2]))];
        Assert.Equal(expected, parameters.ClipGradNorm(2 * expected, order), expected * 1e-12);
        Assert.Equal(numbers[..30_000], parameters[0].Grad!.ToArray<double>());
        Assert.Equal(expected, parameters.ClipGradNorm(0.5, order), expected * 1e-12);
        Assert.Equal(0.5, parameters.ClipGradNorm(1, order), 1e-6);
        Assert.Equal(numbers[7] * 0.5 / (expected + 1e-6), parameters[0].Grad!.AsSpan<double>()[7], 1e-12);
    }

    [Fact]
    public void Gradients_that_share_elements_are_each_scaled_once()
    {
        Parameter a = new(Tensor.Ones([4])), b = new(Tensor.Ones([4]));
        (a + b).Sum().Backward();
        new[] { a, b }.ClipGradNorm(1);
        Assert.All(a.Grad!.ToArray<float>().Concat(b.Grad!.ToArray<float>()), g => Assert.Equal(1 / Math.Sqrt(8), g, 1e-6));
    }

    [Fact]
    public void Elements_are_brought_between_bounds()
    {
        Parameter[] parameters = [Graded([-3, -0.5, 0, 0.5, 3])];
        parameters.ClipGradValue(1);
        Assert.Equal([-1, -0.5, 0, 0.5, 1], parameters[0].Grad!.ToArray<double>());
    }

    [Fact]
    public void A_gradient_that_is_no_number_is_named()
    {
        var broken = Graded([1, double.NaN]);
        broken.Name = "fc.weight";
        var error = Assert.Throws<AnnealException>(() => new[] { Graded([1]), broken }.ClipGradNorm(1));
        Assert.Contains("'fc.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Averages_follow_and_trade_places()
    {
        var w = new Parameter(Tensor.From([1.0, 2, 3])) { Name = "w" };
        var count = new StateTensor(Tensor.From(5L)) { Name = "count" };
        var ema = new Ema([w, count], 0.9);
        double[] expected = [1, 2, 3];
        for (var step = 0; step < 4; step++)
        {
            w.Assign(w * 1.5);
            count.Assign(Tensor.From(6L + step));
            ema.Update();
            expected = [.. expected.Zip(w.ToArray<double>(), (average, value) => step == 0 ? value : (0.9 * average) + (0.1 * value))];
        }
        var before = w.ToArray<double>();
        using (ema.Apply())
        {
            Assert.All(w.ToArray<double>().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-14));
            Assert.Equal(9, count.Item());
            Assert.Throws<AnnealException>(ema.Update);
        }
        Assert.Equal(before, w.ToArray<double>());

        var resumed = new Ema([w, count], 0.9);
        resumed.Load([.. ema.State().Select(average => Tensor.From(average.ToTensorData()))], ema.Updates);
        ema.Update();
        resumed.Update();
        Assert.Equal(ema.State()[0].ToArray<double>(), resumed.State()[0].ToArray<double>());
        Assert.Contains("'w'", Assert.Throws<AnnealException>(() => ema.Load([], 0)).Message, StringComparison.Ordinal);
    }

    private static Parameter Graded(double[] gradient) => new(Tensor.Zeros([gradient.Length], DType.Double)) { Grad = Tensor.From(gradient) };
}
