using Anneal.Onnx;
using Anneal.Training.Randomness;

namespace Anneal.Training;

/// <summary>
/// Hands out <see cref="Draws"/>, one after another: what initialisers and Dropout draw from. Its whole state is a seed and a position, which
/// checkpoints keep; the same state gives the same again.
/// </summary>
public sealed class Generator(ulong seed)
{
    private long _position;

    /// <summary>The generator of everything that is given no other, seeded with 0 when the process starts.</summary>
    public static Generator Default { get; } = new(0);

    /// <summary>The seed.</summary>
    public ulong Seed { get; private set; } = seed;

    /// <summary>How many draws were handed out.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Starts anew, or goes on where a checkpoint was taken.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="position">How many draws to count as handed out.</param>
    public void Reset(ulong seed, long position = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        Seed = seed;
        Interlocked.Exchange(ref _position, position);
    }

    /// <summary>The next draws.</summary>
    public Draws Next() => Recomputation.Next(() => new Draws(Seed).At(Interlocked.Increment(ref _position) - 1));

    /// <summary>A tensor of numbers in [least, greatest).</summary>
    /// <param name="shape">The extents.</param>
    /// <param name="least">The lower bound.</param>
    /// <param name="greatest">The upper bound.</param>
    /// <param name="dtype">float32 or double.</param>
    public Tensor Uniform(TensorShape shape, double least = 0, double greatest = 1, DType dtype = DType.Float32) =>
        RandomTensor.Uniform(Next(), shape, least, greatest, dtype);

    /// <summary>A tensor of numbers of the normal distribution.</summary>
    /// <param name="shape">The extents.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <param name="dtype">float32 or double.</param>
    public Tensor Normal(TensorShape shape, double mean = 0, double deviation = 1, DType dtype = DType.Float32) =>
        RandomTensor.Normal(Next(), shape, mean, deviation, dtype);
}
