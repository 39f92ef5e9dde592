using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>Convolution along one axis: x [N,C,L] to y [N,M,oL], w [M,C/groups,k].</summary>
public sealed class Conv1d : Convolution
{
    /// <summary>A layer with fresh weights.</summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">M.</param>
    /// <param name="kernelSize">k, the extent of the kernel.</param>
    /// <param name="stride">The kernel's steps.</param>
    /// <param name="padding">Zeros added on both sides.</param>
    /// <param name="dilation">The distance of the kernel's taps.</param>
    /// <param name="groups">How many groups the channels fall into; each output channel sees those of its group.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public Conv1d(
        int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, int dilation = 1, int groups = 1, bool bias = true, Generator? generator = null)
        : base(
            new(Expect.AtLeast(1, inChannels, nameof(inChannels)), Expect.AtLeast(1, outChannels, nameof(outChannels)), bias, generator),
            new Conv
            {
                Group = Expect.Groups(groups, inChannels, nameof(groups)),
                Window = Windows.Of(
                    [Expect.AtLeast(1, kernelSize, nameof(kernelSize))], [Expect.AtLeast(1, stride, nameof(stride))],
                    [Expect.AtLeast(0, padding, nameof(padding))], [Expect.AtLeast(1, dilation, nameof(dilation))]),
            },
            [Expect.Groups(groups, outChannels, nameof(groups)) * (outChannels / groups), inChannels / groups, kernelSize],
            "[N,C,L]")
    {
    }
}
