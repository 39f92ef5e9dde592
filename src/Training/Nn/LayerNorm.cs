using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>The last axes of x brought to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016, "Layer Normalization").</summary>
public sealed class LayerNorm : Module
{
    private readonly LayerNormalization _op;

    /// <summary>A layer that passes through what has mean 0 and variance 1.</summary>
    /// <param name="normalizedShape">The extents of the last axes of x: <c>[768]</c>.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="elementwiseAffine">Whether there are weight and bias.</param>
    /// <param name="bias">Whether there is a bias beside the weight.</param>
    public LayerNorm(TensorShape normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(normalizedShape);
        Expect.AtLeast(1, normalizedShape.Rank, nameof(normalizedShape));
        (NormalizedShape, _op) = (normalizedShape, new() { Axis = -normalizedShape.Rank, Epsilon = (float)eps });
        if (elementwiseAffine)
            Weight = Register("weight", new Parameter(Init.Ones(normalizedShape)));
        if (elementwiseAffine && bias)
            Bias = Register("bias", new Parameter(Init.Zeros(normalizedShape)));
    }

    /// <summary>The extents of the axes that are normalised.</summary>
    public TensorShape NormalizedShape { get; }

    /// <summary>What each element is multiplied by, shaped as <see cref="NormalizedShape"/>; null without affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>What each element is shifted by, shaped as <see cref="NormalizedShape"/>; null without bias.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        if (x.Rank < NormalizedShape.Rank || !x.Shape.Extents[^NormalizedShape.Rank..].SequenceEqual(NormalizedShape.Extents))
            throw new ShapeMismatchException($"{Title} takes x whose last extents are {NormalizedShape}; {x.Shape} was given.");
        return Tensor.Apply(_op, x, Weight ?? Tensor.Ones(NormalizedShape, x.DType, x.Device), Bias);
    }
}
