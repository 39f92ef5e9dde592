using Anneal.Onnx;
using Anneal.Training.Cpu;

namespace Anneal.Training.Randomness;

/// <summary>Tensors of random numbers: element i is draw i, in double, rounded to the element type.</summary>
internal static class RandomTensor
{
    /// <summary>Numbers in [least, greatest).</summary>
    public static Tensor Uniform(Draws draws, TensorShape shape, double least, double greatest, DType dtype) =>
        Fill(new UniformNumbers(draws, least, greatest), shape, dtype);

    /// <summary>Numbers of the normal distribution.</summary>
    public static Tensor Normal(Draws draws, TensorShape shape, double mean, double deviation, DType dtype) =>
        Fill(new NormalNumbers(draws, mean, deviation), shape, dtype);

    private static Tensor Fill<TNumbers>(TNumbers numbers, TensorShape shape, DType dtype) where TNumbers : struct, INumbers
    {
        var tensor = Tensor.Empty(Devices.ComputeDevice.Cpu, DType.Double, shape);
        var work = new FillWork<TNumbers>(numbers, tensor);
        Workers.Run(ElementLoops.Chunks(shape.ElementCount), ref work);
        return tensor.To(dtype);
    }

    private interface INumbers
    {
        double At(long index);
    }

    private readonly struct UniformNumbers(Draws draws, double least, double greatest) : INumbers
    {
        public double At(long index) => draws.Uniform(least, greatest, index);
    }

    private readonly struct NormalNumbers(Draws draws, double mean, double deviation) : INumbers
    {
        public double At(long index) => mean + (deviation * draws.Normal(index));
    }

    private readonly struct FillWork<TNumbers>(TNumbers numbers, Tensor tensor) : IWork where TNumbers : struct, INumbers
    {
        public void Run(int part)
        {
            var elements = tensor.Writable<double>();
            var end = Math.Min((part + 1) * ElementLoops.Chunk, elements.Length);
            for (var i = part * ElementLoops.Chunk; i < end; i++)
                elements[i] = numbers.At(i);
        }
    }
}
