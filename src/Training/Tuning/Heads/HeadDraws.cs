using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>
/// The numbers that a new head starts from: even in ±1/√K for K features, as PyTorch's Linear and Conv2d start weight (Kaiming uniform with a = √5) and
/// bias. A number belongs to its class and feature, however the weight is laid out, so that every form of a head starts as the same function.
/// </summary>
internal sealed class HeadDraws(Draws draws, long featureCount)
{
    private readonly Draws _weights = draws.For("head").For("weight");
    private readonly Draws _biases = draws.For("head").For("bias");
    private readonly double _limit = 1 / Math.Sqrt(featureCount);

    /// <summary>A weight.</summary>
    /// <param name="dtype">float32, double or float16.</param>
    /// <param name="dims">Its extents: classes and features, and extents of 1.</param>
    /// <param name="classAxis">Which of the first two axes is the classes'.</param>
    /// <param name="factor">What the node multiplies the product by.</param>
    public TensorData Weight(DType dtype, long[] dims, int classAxis, double factor = 1)
    {
        var classCount = dims[classAxis];
        return Create(dtype, dims, classAxis == 0
            ? i => Draw(_weights, i, factor)
            : i => Draw(_weights, ((i % classCount) * featureCount) + (i / classCount), factor));
    }

    /// <summary>A bias.</summary>
    /// <param name="dtype">float32, double or float16.</param>
    /// <param name="dims">Its extents: the classes, and extents of 1.</param>
    /// <param name="factor">What the node multiplies it by.</param>
    public TensorData Bias(DType dtype, long[] dims, double factor = 1) => Create(dtype, dims, i => Draw(_biases, i, factor));

    private double Draw(Draws from, long index, double factor) => from.Uniform(-_limit, _limit, index) / (factor == 0 ? 1 : factor);

    private static TensorData Create(DType dtype, long[] dims, Func<long, double> number)
    {
        var numbers = new double[checked((int)dims.Aggregate(1L, (product, extent) => product * extent))];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = number(i);
        return dtype switch
        {
            DType.Double => TensorData.Create("", numbers, dims),
            DType.Float16 => TensorData.Create("", Array.ConvertAll(numbers, x => (Half)x), dims),
            _ => TensorData.Create("", Array.ConvertAll(numbers, x => (float)x), dims),
        };
    }
}
