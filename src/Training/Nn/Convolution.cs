using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>What the convolutions have in common: a weight, a bias, and how the kernel slides. They start as PyTorch's do, even within ±1/√fan-in.</summary>
public abstract class Convolution : Module
{
    private readonly Op _op;
    private readonly string _layout;

    private protected Convolution(ConvolutionOptions options, Op op, int[] weight, string layout)
    {
        (InChannels, OutChannels, _op, _layout) = (options.InChannels, options.OutChannels, op, layout);
        var shape = TensorShape.Of(weight);
        var fanIn = shape.Product(1, shape.Rank);
        Weight = Register("weight", new Parameter(Init.Usual(shape, fanIn, options.Generator)));
        if (options.HasBias)
            Bias = Register("bias", new Parameter(Init.Usual([OutChannels], fanIn, options.Generator)));
    }

    /// <summary>C, the channels of x.</summary>
    public int InChannels { get; }

    /// <summary>M, the channels of y.</summary>
    public int OutChannels { get; }

    /// <summary>w.</summary>
    public Parameter Weight { get; }

    /// <summary>b [M], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        Expect.Channels(this, x, _layout, InChannels);
        return Bias is null ? Tensor.Apply(_op, x, Weight) : Tensor.Apply(_op, x, Weight, Bias);
    }
}

/// <summary>What every convolution is made from.</summary>
internal readonly record struct ConvolutionOptions(int InChannels, int OutChannels, bool HasBias, Generator? Generator);
