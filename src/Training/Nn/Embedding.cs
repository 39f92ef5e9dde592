using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>A vector for each of a set of numbers: x […], integers, to y […,embeddingDim]. It starts normal with deviation 1.</summary>
public sealed class Embedding : Module
{
    private readonly int? _paddingIndex;

    /// <summary>A layer with fresh vectors.</summary>
    /// <param name="numEmbeddings">How many vectors; the numbers go from 0 to below it.</param>
    /// <param name="embeddingDim">The length of a vector.</param>
    /// <param name="paddingIndex">A number whose vector starts as zeros and is never trained; null for none.</param>
    /// <param name="generator">What the vectors are drawn from; default <see cref="Generator.Default"/>.</param>
    public Embedding(int numEmbeddings, int embeddingDim, int? paddingIndex = null, Generator? generator = null)
    {
        TensorShape shape = [Expect.AtLeast(1, numEmbeddings, nameof(numEmbeddings)), Expect.AtLeast(1, embeddingDim, nameof(embeddingDim))];
        if (paddingIndex is < 0 || paddingIndex >= numEmbeddings)
            throw new ArgumentOutOfRangeException(nameof(paddingIndex), paddingIndex, $"The index is from 0 to {numEmbeddings - 1}.");
        _paddingIndex = paddingIndex;
        var vectors = Init.Normal(shape, generator ?? Generator.Default);
        Weight = Register("weight", new Parameter(paddingIndex is { } row ? vectors * Tensor.From(RowMask(numEmbeddings, row), [numEmbeddings, 1]) : vectors));
    }

    /// <summary>The vectors [numEmbeddings,embeddingDim].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        if (!x.DType.IsInteger())
            throw new ShapeMismatchException($"{Title} takes integers; x is {x.DType} {x.Shape}. Convert it with To.");
        var y = Tensor.Apply(new Gather(), Weight, x);
        return _paddingIndex is { } padding ? Tensor.Where(x.Equal(padding).Unsqueeze(-1), y.Detach(), y) : y;
    }

    private static float[] RowMask(int count, int row) => [.. Enumerable.Range(0, count).Select(i => i == row ? 0f : 1f)];
}
