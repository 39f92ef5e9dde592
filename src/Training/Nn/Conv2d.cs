using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>Convolution over pictures: x [N,C,H,W] to y [N,M,oH,oW], w [M,C/groups,kH,kW].</summary>
public sealed class Conv2d : Convolution
{
    /// <summary>A layer with fresh weights.</summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">M.</param>
    /// <param name="kernelSize">kH and kW.</param>
    /// <param name="stride">The kernel's steps.</param>
    /// <param name="padding">Zeros added on both sides of each axis.</param>
    /// <param name="dilation">The distance of the kernel's taps; default 1.</param>
    /// <param name="groups">How many groups the channels fall into; each output channel sees those of its group.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public Conv2d(
        int inChannels, int outChannels, Pair kernelSize, Pair? stride = null, Pair padding = default, Pair? dilation = null, int groups = 1, bool bias = true, Generator? generator = null)
        : base(
            new(Expect.AtLeast(1, inChannels, nameof(inChannels)), Expect.AtLeast(1, outChannels, nameof(outChannels)), bias, generator),
            new Conv
            {
                Group = Expect.Groups(groups, inChannels, nameof(groups)),
                Window = Windows.Of(
                    Expect.AtLeast(1, kernelSize, nameof(kernelSize)), Expect.AtLeast(1, stride ?? 1, nameof(stride)),
                    Expect.AtLeast(0, padding, nameof(padding)), Expect.AtLeast(1, dilation ?? 1, nameof(dilation))),
            },
            [Expect.Groups(groups, outChannels, nameof(groups)) * (outChannels / groups), inChannels / groups, kernelSize.H, kernelSize.W],
            "[N,C,H,W]")
    {
    }
}
