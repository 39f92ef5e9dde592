using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>
/// Batch normalisation, (x - mean) / √(variance + eps) · weight + bias for each channel. In training, mean and variance are the batch's, and the
/// running ones move towards them; in use, and when weight and bias are frozen, they are the running ones, which then stay as they are.
/// </summary>
public abstract class BatchNorm : Module
{
    private readonly BatchStatistics _statistics;
    private readonly BatchNormalization _inUse;
    private readonly double? _momentum;

    private protected BatchNorm(int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats)
    {
        NumFeatures = Expect.AtLeast(1, numFeatures, nameof(numFeatures));
        (_statistics, _inUse) = (new((float)eps), new() { Epsilon = (float)eps });
        _momentum = momentum is { } share ? Expect.Share(share, nameof(momentum)) : null;
        if (affine)
        {
            Weight = Register("weight", new Parameter(Init.Ones([numFeatures])));
            Bias = Register("bias", new Parameter(Init.Zeros([numFeatures])));
        }
        if (trackRunningStats)
        {
            RunningMean = Register("running_mean", new StateTensor(Init.Zeros([numFeatures])));
            RunningVar = Register("running_var", new StateTensor(Init.Ones([numFeatures])));
            NumBatchesTracked = Register("num_batches_tracked", new StateTensor(Tensor.Scalar(0L)));
        }
    }

    /// <summary>C, the channels of x.</summary>
    public int NumFeatures { get; }

    /// <summary>What each channel is multiplied by [C]; null without affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>What each channel is shifted by [C]; null without affine.</summary>
    public Parameter? Bias { get; }

    /// <summary>The mean that is used outside training [C]; null when it is not tracked.</summary>
    public StateTensor? RunningMean { get; }

    /// <summary>The variance that is used outside training [C]; null when it is not tracked.</summary>
    public StateTensor? RunningVar { get; }

    /// <summary>How many batches have moved the running statistics, int64; null when they are not tracked.</summary>
    public StateTensor? NumBatchesTracked { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        RequireShape(x);
        var (scale, bias) = (Weight ?? Tensor.Ones([NumFeatures], x.DType, x.Device), Bias ?? Tensor.Zeros([NumFeatures], x.DType, x.Device));
        if (RunningMean is not null && (!IsTraining || IsFrozen))
            return Tensor.Apply(_inUse, x, scale, bias, RunningMean, RunningVar);
        if (!BatchStatistics.CanMeasure(x, NumFeatures))
            throw BatchStatistics.TooSmall(Title, x);
        if (RunningMean is null)
            return _statistics.Normalise(x, scale, bias, null);
        var y = _statistics.Normalise(x, scale, bias, new(RunningMean, RunningVar!, _momentum ?? (1 / (NumBatchesTracked!.Item() + 1))));
        Count();
        return y;
    }

    /// <summary>One batch more, counted where the counter lives: nobody waits for a device.</summary>
    private void Count()
    {
        using var silence = Grad.Silently();
        using var scope = TensorScope.Begin();
        NumBatchesTracked!.Assign(NumBatchesTracked + 1);
    }

    private protected abstract void RequireShape(Tensor x);
}

/// <summary>Batch normalisation of vectors: x [N,C] or [N,C,L].</summary>
public sealed class BatchNorm1d : BatchNorm
{
    /// <summary>A layer that passes through what has mean 0 and variance 1.</summary>
    /// <param name="numFeatures">C.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="momentum">The batch's share in the new running statistics; null makes them the mean of all batches.</param>
    /// <param name="affine">Whether there are weight and bias.</param>
    /// <param name="trackRunningStats">Whether there are running statistics; without them the batch's own are used outside training too.</param>
    public BatchNorm1d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
        : base(numFeatures, eps, momentum, affine, trackRunningStats)
    {
    }

    private protected override void RequireShape(Tensor x)
    {
        if (x.Rank is not (2 or 3) || x.Shape[1] != NumFeatures)
            throw new ShapeMismatchException($"{Title} takes x [N,C] or [N,C,L] with C = {NumFeatures} channels; {x.Shape} was given.");
    }
}

/// <summary>Batch normalisation of pictures: x [N,C,H,W].</summary>
public sealed class BatchNorm2d : BatchNorm
{
    /// <inheritdoc cref="BatchNorm1d(int, double, double?, bool, bool)"/>
    public BatchNorm2d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
        : base(numFeatures, eps, momentum, affine, trackRunningStats)
    {
    }

    private protected override void RequireShape(Tensor x) => Expect.Channels(this, x, "[N,C,H,W]", NumFeatures);
}
