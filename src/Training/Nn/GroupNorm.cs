using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>
/// Each group of channels of each sample brought to mean 0 and variance 1, then scaled and shifted by channel: x [N,C,…] (Wu and He 2018,
/// "Group Normalization").
/// </summary>
public sealed class GroupNorm : Module
{
    private readonly GroupNormalization _op;

    /// <summary>A layer that passes through what has mean 0 and variance 1.</summary>
    /// <param name="numGroups">How many groups the channels fall into.</param>
    /// <param name="numChannels">C.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="affine">Whether there are weight and bias.</param>
    public GroupNorm(int numGroups, int numChannels, double eps = 1e-5, bool affine = true)
    {
        NumChannels = Expect.AtLeast(1, numChannels, nameof(numChannels));
        _op = new() { NumGroups = Expect.Groups(numGroups, numChannels, nameof(numGroups)), Epsilon = (float)eps };
        if (!affine)
            return;
        Weight = Register("weight", new Parameter(Init.Ones([numChannels])));
        Bias = Register("bias", new Parameter(Init.Zeros([numChannels])));
    }

    /// <summary>C, the channels of x.</summary>
    public int NumChannels { get; }

    /// <summary>What each channel is multiplied by [C]; null without affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>What each channel is shifted by [C]; null without affine.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        if (x.Rank < 2 || x.Shape[1] != NumChannels)
            throw new ShapeMismatchException($"{Title} takes x [N,C,…] with C = {NumChannels} channels; {x.Shape} was given.");
        return Tensor.Apply(_op, x, Weight ?? Tensor.Ones([NumChannels], x.DType, x.Device), Bias ?? Tensor.Zeros([NumChannels], x.DType, x.Device));
    }
}
