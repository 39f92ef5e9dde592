using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>
/// Convolution turned round, each cell spread over the kernel: x [N,C,H,W] to y [N,M,oH,oW], w [C,M/groups,kH,kW].
/// oH = (H - 1)·stride - 2·padding + dilation·(kH - 1) + outputPadding + 1.
/// </summary>
public sealed class ConvTranspose2d : Convolution
{
    /// <summary>A layer with fresh weights.</summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">M.</param>
    /// <param name="kernelSize">kH and kW.</param>
    /// <param name="stride">How far cells of x lie apart in y.</param>
    /// <param name="padding">Cells taken off both sides of each axis of y.</param>
    /// <param name="outputPadding">Cells added at the end of each axis of y; less than the stride or the dilation.</param>
    /// <param name="groups">How many groups the channels fall into.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="dilation">The distance of the kernel's taps; default 1.</param>
    /// <param name="generator">What the weights are drawn from; default <see cref="Generator.Default"/>.</param>
    public ConvTranspose2d(
        int inChannels, int outChannels, Pair kernelSize, Pair? stride = null, Pair padding = default, Pair outputPadding = default, int groups = 1, bool bias = true,
        Pair? dilation = null, Generator? generator = null)
        : base(
            new(Expect.AtLeast(1, inChannels, nameof(inChannels)), Expect.AtLeast(1, outChannels, nameof(outChannels)), bias, generator),
            new ConvTranspose
            {
                Group = Expect.Groups(groups, outChannels, nameof(groups)),
                OutputPadding = Windows.List(Remainder(outputPadding, stride ?? 1, dilation ?? 1)),
                Window = Windows.Of(
                    Expect.AtLeast(1, kernelSize, nameof(kernelSize)), Expect.AtLeast(1, stride ?? 1, nameof(stride)),
                    Expect.AtLeast(0, padding, nameof(padding)), Expect.AtLeast(1, dilation ?? 1, nameof(dilation))),
            },
            [Expect.Groups(groups, inChannels, nameof(groups)) * (inChannels / groups), outChannels / groups, kernelSize.H, kernelSize.W],
            "[N,C,H,W]")
    {
    }

    /// <summary>More than the remainder that a convolution's stride leaves over would be cells that no kernel reaches.</summary>
    private static int[] Remainder(Pair outputPadding, Pair stride, Pair dilation)
    {
        if (outputPadding.H >= Math.Max(stride.H, dilation.H) || outputPadding.W >= Math.Max(stride.W, dilation.W))
            throw new ArgumentException($"outputPadding {outputPadding} must be less than the stride {stride} or the dilation {dilation}.", nameof(outputPadding));
        return Expect.AtLeast(0, outputPadding, nameof(outputPadding));
    }
}
