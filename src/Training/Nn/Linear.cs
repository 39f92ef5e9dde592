namespace Anneal.Training.Nn;

/// <summary>
/// A fully connected layer, x·wᵀ + b: x […,inFeatures] to y […,outFeatures]. It starts as PyTorch's does: weights and bias even within
/// ±1/√inFeatures.
/// </summary>
public sealed class Linear : Module
{
    private static readonly Onnx.Ops.Gemm Product = new() { TransB = true };

    /// <summary>A layer with fresh weights.</summary>
    /// <param name="inFeatures">The extent of the last axis of x.</param>
    /// <param name="outFeatures">The extent of the last axis of y.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, Generator? generator = null)
    {
        (InFeatures, OutFeatures) = (Expect.AtLeast(1, inFeatures, nameof(inFeatures)), Expect.AtLeast(1, outFeatures, nameof(outFeatures)));
        Weight = Register("weight", new Parameter(Init.Usual([outFeatures, inFeatures], inFeatures, generator)));
        if (bias)
            Bias = Register("bias", new Parameter(Init.Usual([outFeatures], inFeatures, generator)));
    }

    /// <summary>The extent of the last axis of x.</summary>
    public int InFeatures { get; }

    /// <summary>The extent of the last axis of y.</summary>
    public int OutFeatures { get; }

    /// <summary>w [outFeatures,inFeatures].</summary>
    public Parameter Weight { get; }

    /// <summary>b [outFeatures], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        Expect.Features(this, x, InFeatures);
        if (x.Rank == 2)
            return Tensor.Apply(Product, x, Weight, Bias);
        var y = x.MatMul(Weight.Transpose(1, 0));
        return Bias is null ? y : y + Bias;
    }
}
