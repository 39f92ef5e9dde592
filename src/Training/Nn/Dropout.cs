namespace Anneal.Training.Nn;

/// <summary>In training, each element is 0 with probability p and divided by 1 - p otherwise; in use, x itself. Any shape.</summary>
public sealed class Dropout : Module
{
    private readonly double _p;
    private readonly Generator _generator;

    /// <summary>A layer that drops a share of the elements.</summary>
    /// <param name="p">The share that is dropped, 0 to 1.</param>
    /// <param name="generator">What says which; default <see cref="Generator.Default"/>.</param>
    public Dropout(double p = 0.5, Generator? generator = null) => (_p, _generator) = (Expect.Share(p, nameof(p)), generator ?? Generator.Default);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x) => IsTraining ? x.Dropout(_p, _generator.Next()) : x;
}

/// <summary>As <see cref="Dropout"/>, with whole channels that are kept or dropped: x [N,C,H,W].</summary>
public sealed class Dropout2d : Module
{
    private readonly double _p;
    private readonly Generator _generator;

    /// <summary>A layer that drops a share of the channels.</summary>
    /// <inheritdoc cref="Dropout(double, Generator?)"/>
    public Dropout2d(double p = 0.5, Generator? generator = null) => (_p, _generator) = (Expect.Share(p, nameof(p)), generator ?? Generator.Default);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        Expect.Layout(this, x, "[N,C,H,W]");
        return IsTraining ? x * Tensor.Ones([x.Shape[0], x.Shape[1], 1, 1], x.DType, x.Device).Dropout(_p, _generator.Next()) : x;
    }
}
