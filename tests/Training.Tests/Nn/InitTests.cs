using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>Initialisers: bounds, means and deviations from the papers' formulas, and what PyTorch's layers start from.</summary>
public sealed class InitTests
{
    [Theory]
    [InlineData("xavier", 0.0)]
    [InlineData("kaiming", 0.0)]
    [InlineData("kaiming out", 0.2)]
    public void Even_and_normal_numbers_have_the_deviation_of_the_formula(string kind, double slope)
    {
        // Fan-in 20·9 = 180, fan-out 30·9 = 270.
        TensorShape shape = [30, 20, 3, 3];
        var generator = new Generator(4);
        var (deviation, even, normal) = kind switch
        {
            "xavier" => (Math.Sqrt(2.0 / 450), Init.XavierUniform(shape, generator), Init.XavierNormal(shape, generator)),
            "kaiming" => (Math.Sqrt(2.0 / 180), Init.KaimingUniform(shape, generator), Init.KaimingNormal(shape, generator)),
            _ => (Math.Sqrt(2 / (1 + (slope * slope)) / 270), Init.KaimingUniform(shape, generator, Fan.Out, slope: slope), Init.KaimingNormal(shape, generator, Fan.Out, slope: slope)),
        };
        var numbers = even.ToArray<float>();
        var limit = deviation * Math.Sqrt(3);
        Assert.InRange(numbers.Max(), 0.999 * limit, limit * 1.000001);
        Assert.InRange(numbers.Min(), -limit * 1.000001, -0.999 * limit);
        // Five standard errors of a deviation over 5,400 normal numbers.
        Assert.InRange(Deviation(normal), deviation * 0.952, deviation * 1.048);
    }

    [Theory]
    [InlineData(0, 1, -2, 2)]
    [InlineData(1, 2, 0, 1)]
    [InlineData(0, 1, 1.5, 3)]
    public void Truncated_numbers_lie_between_the_bounds_and_have_the_distribution_s_mean(double mean, double deviation, double least, double greatest)
    {
        var numbers = Init.TruncatedNormal([40000], new Generator(1), mean, deviation, least, greatest, DType.Double).ToArray<double>();
        Assert.All(numbers, number => Assert.InRange(number, least, greatest));
        // The mean of a truncated normal distribution is mean + deviation (φ(a) - φ(b)) / (Φ(b) - Φ(a)); the quotient is integrated here.
        var (sum, weight) = (0.0, 0.0);
        for (var i = 0; i < 10000; i++)
        {
            var at = least + ((greatest - least) * (i + 0.5) / 10000);
            var height = Math.Exp(-0.5 * Math.Pow((at - mean) / deviation, 2));
            (sum, weight) = (sum + (at * height), weight + height);
        }
        Assert.InRange(numbers.Average(), (sum / weight) - (5 * deviation / 200), (sum / weight) + (5 * deviation / 200));
    }

    [Theory]
    [InlineData(5, 12)]
    [InlineData(12, 5)]
    public void Orthogonal_rows_or_columns_have_length_1_and_right_angles(int rows, int columns)
    {
        var w = Init.Orthogonal([rows, columns], new Generator(2), gain: 3, dtype: DType.Double);
        var product = rows < columns ? w.MatMul(w.Transpose(1, 0)) : w.Transpose(1, 0).MatMul(w);
        var elements = product.ToArray<double>();
        for (var i = 0; i < elements.Length; i++)
            Assert.Equal(i % 6 == 0 ? 9 : 0, elements[i], 1e-13);
    }

    [Fact]
    public void The_same_generator_gives_the_same_layer()
    {
        var (a, b) = (new Conv2d(3, 4, 3, generator: new Generator(5)), new Conv2d(3, 4, 3, generator: new Generator(5)));
        Assert.Equal(a.Weight.ToArray<float>(), b.Weight.ToArray<float>());
        Assert.NotEqual(a.Weight.ToArray<float>(), new Conv2d(3, 4, 3, generator: new Generator(6)).Weight.ToArray<float>());
    }

    public static TheoryData<string, ModuleBase, double> Layers => new()
    {
        { "Linear", new Linear(50, 40), 1 / Math.Sqrt(50) },
        { "Conv1d", new Conv1d(6, 8, 5, groups: 2), 1 / Math.Sqrt(15) },
        { "Conv2d", new Conv2d(6, 8, (3, 5), groups: 2), 1 / Math.Sqrt(45) },
        { "ConvTranspose2d", new ConvTranspose2d(6, 8, 3, groups: 2), 1 / Math.Sqrt(36) },
        { "Gru", new Gru(4, 16), 1 / Math.Sqrt(16) },
        { "LstmCell", new LstmCell(4, 25), 1 / Math.Sqrt(25) },
    };

    [Theory, MemberData(nameof(Layers), DisableDiscoveryEnumeration = true)]
    public void Layers_start_even_within_PyTorch_s_bounds(string name, ModuleBase layer, double limit)
    {
        Assert.NotEmpty(name);
        foreach (var parameter in layer.Parameters())
        {
            var numbers = parameter.ToArray<float>();
            Assert.All(numbers, number => Assert.InRange(number, -limit * 1.000001, limit));
            if (numbers.Length > 200)
                Assert.InRange(Deviation(parameter), limit / Math.Sqrt(3) * 0.85, limit / Math.Sqrt(3) * 1.15);
        }
    }

    [Fact]
    public void Shapes_and_bounds_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Init.KaimingUniform([5], new Generator(0)));
        Assert.Throws<ArgumentException>(() => Init.TruncatedNormal([5], new Generator(0), least: 3, greatest: 4));
        Assert.Throws<ArgumentException>(() => Init.TruncatedNormal([5], new Generator(0), least: 1, greatest: 1));
    }

    private static double Deviation(Tensor tensor)
    {
        var numbers = tensor.ToArray<float>();
        var mean = numbers.Average();
        return Math.Sqrt(numbers.Average(number => Math.Pow(number - mean, 2)));
    }
}
