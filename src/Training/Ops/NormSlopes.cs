using System.Numerics;

namespace Anneal.Training.Ops;

/// <summary>
/// The gradients of batch normalisation in one channel, from the sums over it: dx = P·dy + Q·(x - mean) + R, which is what flows through y, through the
/// variance and through the mean (Ioffe and Szegedy 2015, "Batch Normalization", section 3). Written once for the processor and for GPUs.
/// </summary>
/// <param name="scale">What the channel is multiplied by.</param>
/// <param name="variance">Its population variance.</param>
/// <param name="epsilon">What is added to the variance.</param>
/// <param name="slopes">Σ dy.</param>
/// <param name="products">Σ dy · (x - mean).</param>
/// <param name="count">The number of its elements.</param>
internal readonly struct NormSlopes<T>(T scale, T variance, T epsilon, T slopes, T products, T count) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _rate = T.One / T.Sqrt(variance + epsilon);

    /// <summary>The gradient of the scale.</summary>
    public T Scale => products * _rate;

    public T P => scale * _rate;

    /// <summary>Q, where dvariance came for the variance itself.</summary>
    public T Q(T dvariance) => ((dvariance + dvariance) - (P * _rate * _rate * products)) / count;

    /// <summary>R, where dmean came for the mean itself.</summary>
    public T R(T dmean) => (dmean - (P * slopes)) / count;
}
