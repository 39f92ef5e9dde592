using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>
/// Tensors to start parameters from: <c>layer.Weight.Assign(Init.KaimingNormal(layer.Weight.Shape, generator))</c>. A weight [M,K,k…] has a fan-in
/// of K·k… and a fan-out of M·k….
/// </summary>
public static class Init
{
    /// <summary>All elements one number.</summary>
    public static Tensor Constant(TensorShape shape, double value, DType dtype = DType.Float32) => Tensor.Full(shape, value, dtype);

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(TensorShape shape, DType dtype = DType.Float32) => Tensor.Zeros(shape, dtype);

    /// <summary>Ones.</summary>
    public static Tensor Ones(TensorShape shape, DType dtype = DType.Float32) => Tensor.Ones(shape, dtype);

    /// <summary>Even in [least, greatest).</summary>
    public static Tensor Uniform(TensorShape shape, Generator generator, double least = 0, double greatest = 1, DType dtype = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.Uniform(shape, least, greatest, dtype);
    }

    /// <summary>Of the normal distribution.</summary>
    public static Tensor Normal(TensorShape shape, Generator generator, double mean = 0, double deviation = 1, DType dtype = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.Normal(shape, mean, deviation, dtype);
    }

    /// <summary>Of the normal distribution, drawn again until it lies between two bounds.</summary>
    /// <param name="shape">The extents.</param>
    /// <param name="generator">What the numbers are drawn from.</param>
    /// <param name="mean">The mean of the whole distribution.</param>
    /// <param name="deviation">Its standard deviation.</param>
    /// <param name="least">The lower bound, as a number, not in deviations.</param>
    /// <param name="greatest">The upper bound.</param>
    /// <param name="dtype">float32 or double.</param>
    /// <exception cref="ArgumentException">The bounds are the wrong way round, or more than two deviations from the mean.</exception>
    public static Tensor TruncatedNormal(
        TensorShape shape, Generator generator, double mean = 0, double deviation = 1, double least = -2, double greatest = 2, DType dtype = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return InitNumbers.TruncatedNormal(generator.Next(), shape, new(mean, deviation, least, greatest), dtype);
    }

    /// <summary>
    /// Even within ±gain·√(6 / (fan-in + fan-out)), which keeps the variance of values and gradients alike (Glorot and Bengio 2010,
    /// "Understanding the difficulty of training deep feedforward neural networks").
    /// </summary>
    public static Tensor XavierUniform(TensorShape shape, Generator generator, double gain = 1, DType dtype = DType.Float32)
    {
        var limit = gain * Math.Sqrt(6.0 / Fans(shape));
        return Uniform(shape, generator, -limit, limit, dtype);
    }

    /// <summary>Normal with the deviation gain·√(2 / (fan-in + fan-out)); see <see cref="XavierUniform"/>.</summary>
    public static Tensor XavierNormal(TensorShape shape, Generator generator, double gain = 1, DType dtype = DType.Float32) =>
        Normal(shape, generator, 0, gain * Math.Sqrt(2.0 / Fans(shape)), dtype);

    /// <summary>
    /// Even within ±gain·√(3 / fan), which keeps the variance through layers with rectifiers (He et al. 2015, "Delving Deep into Rectifiers").
    /// </summary>
    /// <param name="shape">The extents of the weight.</param>
    /// <param name="generator">What the numbers are drawn from.</param>
    /// <param name="fan">Which of the two fans; the fan-in keeps the variance of values, the fan-out that of gradients.</param>
    /// <param name="nonlinearity">What follows the layer.</param>
    /// <param name="slope">The slope of <see cref="Nonlinearity.LeakyRelu"/> below 0; 0 makes it a plain rectifier.</param>
    /// <param name="dtype">float32 or double.</param>
    public static Tensor KaimingUniform(
        TensorShape shape, Generator generator, Fan fan = Fan.In, Nonlinearity nonlinearity = Nonlinearity.LeakyRelu, double slope = 0, DType dtype = DType.Float32)
    {
        var limit = Gain(nonlinearity, slope) * Math.Sqrt(3.0 / FanOf(shape, fan));
        return Uniform(shape, generator, -limit, limit, dtype);
    }

    /// <summary>Normal with the deviation gain / √fan; see <see cref="KaimingUniform"/>.</summary>
    /// <inheritdoc cref="KaimingUniform"/>
    public static Tensor KaimingNormal(
        TensorShape shape, Generator generator, Fan fan = Fan.In, Nonlinearity nonlinearity = Nonlinearity.LeakyRelu, double slope = 0, DType dtype = DType.Float32) =>
        Normal(shape, generator, 0, Gain(nonlinearity, slope) / Math.Sqrt(FanOf(shape, fan)), dtype);

    /// <summary>
    /// A matrix [shape[0], the rest] with orthonormal rows, or columns where those are fewer, times a gain (Saxe et al. 2013, "Exact solutions to the
    /// nonlinear dynamics of learning in deep linear neural networks").
    /// </summary>
    /// <param name="shape">The extents, two or more.</param>
    /// <param name="generator">What the numbers are drawn from.</param>
    /// <param name="gain">The length of the rows or columns.</param>
    /// <param name="dtype">float32 or double.</param>
    public static Tensor Orthogonal(TensorShape shape, Generator generator, double gain = 1, DType dtype = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(generator);
        RequireMatrix(shape);
        return InitNumbers.Orthogonal(generator.Next(), shape, gain, dtype);
    }

    /// <summary>By how much a nonlinearity shrinks a signal's deviation, turned round: what weights before it are multiplied by.</summary>
    /// <param name="nonlinearity">The nonlinearity.</param>
    /// <param name="slope">The slope of <see cref="Nonlinearity.LeakyRelu"/> below 0.</param>
    public static double Gain(Nonlinearity nonlinearity, double slope = 0) => nonlinearity switch
    {
        Nonlinearity.Linear or Nonlinearity.Sigmoid => 1,
        Nonlinearity.Tanh => 5.0 / 3,
        Nonlinearity.Relu => Math.Sqrt(2),
        Nonlinearity.LeakyRelu => Math.Sqrt(2 / (1 + (slope * slope))),
        Nonlinearity.Selu => 0.75,
        _ => throw new ArgumentOutOfRangeException(nameof(nonlinearity), nonlinearity, "This is no nonlinearity."),
    };

    /// <summary>Even within ±1/√fan-in: how PyTorch starts weights and biases of linear layers and convolutions.</summary>
    internal static Tensor Usual(TensorShape shape, int fanIn, Generator? generator)
    {
        var limit = 1 / Math.Sqrt(fanIn);
        return Uniform(shape, generator ?? Generator.Default, -limit, limit);
    }

    private static int Fans(TensorShape shape) => FanOf(shape, Fan.In) + FanOf(shape, Fan.Out);

    private static int FanOf(TensorShape shape, Fan fan)
    {
        RequireMatrix(shape);
        return shape[fan == Fan.In ? 1 : 0] * shape.Product(2, shape.Rank);
    }

    private static void RequireMatrix(TensorShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Rank < 2)
            throw new ArgumentException($"A weight of shape {shape} has no fan-in and fan-out: at least two axes are needed.", nameof(shape));
    }
}

/// <summary>Which connections of a weight are counted.</summary>
public enum Fan
{
    /// <summary>Those that come in to one output.</summary>
    In,

    /// <summary>Those that go out from one input.</summary>
    Out,
}

/// <summary>What follows a layer, for <see cref="Init.Gain"/>.</summary>
public enum Nonlinearity
{
    /// <summary>Nothing.</summary>
    Linear,

    /// <summary>1/(1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x above 0, slope · x below.</summary>
    LeakyRelu,

    /// <summary>The scaled exponential linear unit.</summary>
    Selu,
}
