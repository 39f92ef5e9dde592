using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>What poolings have in common: one operator, and the layout of x.</summary>
public abstract class Pooling : Module
{
    private readonly Op _op;
    private readonly string _layout;

    private protected Pooling(Op op, string layout) => (_op, _layout) = (op, layout);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        Expect.Layout(this, x, _layout);
        return Tensor.Apply(_op, x);
    }

    /// <summary>The window of a pooling, whose padding is at most half the kernel: a window of padding alone would have no value.</summary>
    private protected static Window WindowOf(int[] kernel, int[] stride, int[] padding, int[] dilation)
    {
        for (var axis = 0; axis < kernel.Length; axis++)
            if (((kernel[axis] - 1) * dilation[axis]) + 1 is var reach && 2 * padding[axis] > reach)
                throw new ArgumentException($"A padding of {padding[axis]} is more than half of the {reach} cells that the kernel reaches over.", nameof(padding));
        return Windows.Of(kernel, stride, padding, dilation);
    }
}

/// <summary>The greatest element of each window: x [N,C,L] to y [N,C,oL].</summary>
public sealed class MaxPool1d : Pooling
{
    /// <summary>A pooling.</summary>
    /// <param name="kernelSize">The extent of the window.</param>
    /// <param name="stride">The window's steps; default <paramref name="kernelSize"/>.</param>
    /// <param name="padding">Cells added on both sides, which never win.</param>
    /// <param name="dilation">The distance of the window's cells.</param>
    /// <param name="ceilMode">Whether windows that hang over the end count.</param>
    public MaxPool1d(int kernelSize, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false)
        : base(
            new MaxPool
            {
                CeilMode = ceilMode,
                Window = WindowOf(
                    [Expect.AtLeast(1, kernelSize, nameof(kernelSize))], [Expect.AtLeast(1, stride ?? kernelSize, nameof(stride))],
                    [Expect.AtLeast(0, padding, nameof(padding))], [Expect.AtLeast(1, dilation, nameof(dilation))]),
            },
            "[N,C,L]")
    {
    }
}

/// <summary>The greatest element of each window: x [N,C,H,W] to y [N,C,oH,oW].</summary>
public sealed class MaxPool2d : Pooling
{
    /// <summary>A pooling.</summary>
    /// <param name="kernelSize">kH and kW, the extents of the window.</param>
    /// <param name="stride">The window's steps; default <paramref name="kernelSize"/>.</param>
    /// <param name="padding">Cells added on both sides of each axis, which never win.</param>
    /// <param name="dilation">The distance of the window's cells; default 1.</param>
    /// <param name="ceilMode">Whether windows that hang over the end count.</param>
    public MaxPool2d(Pair kernelSize, Pair? stride = null, Pair padding = default, Pair? dilation = null, bool ceilMode = false)
        : base(
            new MaxPool
            {
                CeilMode = ceilMode,
                Window = WindowOf(
                    Expect.AtLeast(1, kernelSize, nameof(kernelSize)), Expect.AtLeast(1, stride ?? kernelSize, nameof(stride)),
                    Expect.AtLeast(0, padding, nameof(padding)), Expect.AtLeast(1, dilation ?? 1, nameof(dilation))),
            },
            "[N,C,H,W]")
    {
    }
}

/// <summary>The mean of each window: x [N,C,L] to y [N,C,oL].</summary>
public sealed class AvgPool1d : Pooling
{
    /// <summary>A pooling.</summary>
    /// <param name="kernelSize">The extent of the window.</param>
    /// <param name="stride">The window's steps; default <paramref name="kernelSize"/>.</param>
    /// <param name="padding">Zeros added on both sides.</param>
    /// <param name="ceilMode">Whether windows that hang over the end count.</param>
    /// <param name="countIncludePad">Whether the zeros count in the mean.</param>
    public AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool ceilMode = false, bool countIncludePad = true)
        : base(
            new AveragePool
            {
                CeilMode = ceilMode,
                CountIncludePad = countIncludePad,
                Window = WindowOf(
                    [Expect.AtLeast(1, kernelSize, nameof(kernelSize))], [Expect.AtLeast(1, stride ?? kernelSize, nameof(stride))],
                    [Expect.AtLeast(0, padding, nameof(padding))], [1]),
            },
            "[N,C,L]")
    {
    }
}

/// <summary>The mean of each window: x [N,C,H,W] to y [N,C,oH,oW].</summary>
public sealed class AvgPool2d : Pooling
{
    /// <summary>A pooling.</summary>
    /// <param name="kernelSize">kH and kW, the extents of the window.</param>
    /// <param name="stride">The window's steps; default <paramref name="kernelSize"/>.</param>
    /// <param name="padding">Zeros added on both sides of each axis.</param>
    /// <param name="ceilMode">Whether windows that hang over the end count.</param>
    /// <param name="countIncludePad">Whether the zeros count in the mean.</param>
    public AvgPool2d(Pair kernelSize, Pair? stride = null, Pair padding = default, bool ceilMode = false, bool countIncludePad = true)
        : base(
            new AveragePool
            {
                CeilMode = ceilMode,
                CountIncludePad = countIncludePad,
                Window = WindowOf(
                    Expect.AtLeast(1, kernelSize, nameof(kernelSize)), Expect.AtLeast(1, stride ?? kernelSize, nameof(stride)),
                    Expect.AtLeast(0, padding, nameof(padding)), [1, 1]),
            },
            "[N,C,H,W]")
    {
    }
}
